#include <math.h>

#include "kernels/reference/reference.h"

void minnow_gather_s8_reference(const int8_t *table, size_t table_stride, const float *scale, const uint32_t *ids,
                                size_t rows, size_t columns, float *out, size_t stride) {
    for (size_t r = 0; r < rows; r++) {
        const int8_t *row = table + ids[r] * table_stride;
        for (size_t c = 0; c < columns; c++)
            out[r * stride + c] = fmaf((float)row[c], scale[ids[r]], out[r * stride + c]);
    }
}

void minnow_gather_f32_reference(const float *table, size_t table_stride, const uint32_t *ids, size_t rows,
                                 size_t columns, float *out, size_t stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) out[r * stride + c] += table[ids[r] * table_stride + c];
}
