#include "kernels/reference/reference.h"

void minnow_mean_rows_reference(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c++) {
        float sum = 0;
        for (size_t r = 0; r < rows; r++) sum += in[r * stride + c];
        out[c] = sum / (float)rows;
    }
}

void minnow_max_rows_reference(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c++) {
        float highest = in[c];
        for (size_t r = 1; r < rows; r++) highest = in[r * stride + c] > highest ? in[r * stride + c] : highest;
        out[c] = highest;
    }
}
