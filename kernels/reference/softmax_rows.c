#include <math.h>

#include "kernels/reference/elementary.h"
#include "kernels/reference/reference.h"

static void softmax_row(float *x, size_t columns, float scale) {
    float highest = -INFINITY;
    for (size_t c = 0; c < columns; c++) highest = x[c] > highest ? x[c] : highest;
    float lanes[MINNOW_LANES] = {0};
    for (size_t c = 0; c < columns; c++) {
        x[c] = minnow_exp_one(scale * (x[c] - highest));
        lanes[c % MINNOW_LANES] += x[c];
    }
    float inverse = 1.0f / minnow_sum_lanes(lanes);
    for (size_t c = 0; c < columns; c++) x[c] *= inverse;
    for (size_t c = columns; c < MINNOW_PADDED(columns); c++) x[c] = 0;
}

void minnow_softmax_rows_reference(float *x, size_t stride, size_t rows, size_t columns, float scale) {
    for (size_t r = 0; r < rows; r++) softmax_row(x + r * stride, columns, scale);
}
