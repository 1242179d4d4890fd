#include <math.h>

#include "kernels/reference/lanes.h"
#include "kernels/reference/reference.h"

static void layer_norm_row(const float *in, const float *residual, size_t columns, const float *gamma,
                           const float *beta, float epsilon, float *out) {
    float sums[MINNOW_LANES] = {0}, squares[MINNOW_LANES] = {0};
    for (size_t c = 0; c < columns; c++) {
        out[c] = residual ? in[c] + residual[c] : in[c];
        sums[c % MINNOW_LANES] += out[c];
    }
    float mean = minnow_sum_lanes(sums) / (float)columns;
    for (size_t c = 0; c < columns; c++) {
        float centred = out[c] - mean;
        squares[c % MINNOW_LANES] = fmaf(centred, centred, squares[c % MINNOW_LANES]);
    }
    float variance = minnow_sum_lanes(squares) / (float)columns;
    float inverse = 1.0f / sqrtf(variance + epsilon);
    for (size_t c = 0; c < columns; c++) out[c] = fmaf((out[c] - mean) * inverse, gamma[c], beta[c]);
}

void minnow_layer_norm_rows_reference(const float *in, const float *residual, size_t stride, size_t rows,
                                      size_t columns, const float *gamma, const float *beta, float epsilon,
                                      float *out) {
    for (size_t r = 0; r < rows; r++)
        layer_norm_row(in + r * stride, residual ? residual + r * stride : NULL, columns, gamma, beta, epsilon,
                       out + r * stride);
}
