#include <math.h>
#include <string.h>

#include "kernels/reference/elementary.h"
#include "kernels/reference/reference.h"

static void softmax_quantize_row(const float *x, size_t columns, float factor, uint8_t flip, int8_t *out,
                                 struct minnow_row_quantization *quantization) {
    float highest = -INFINITY;
    for (size_t c = 0; c < columns; c++) highest = x[c] > highest ? x[c] : highest;
    float carry[MINNOW_LANES] = {0};
    int32_t sum = 0;
    for (size_t c = 0; c < columns; c++) {
        float v = fmaf(minnow_exp2_one(factor * (x[c] - highest)), 254.0f, carry[c % MINNOW_LANES]);
        float code = rintf(v);
        carry[c % MINNOW_LANES] = v - code;
        sum += (int32_t)code;
        out[c] = (int8_t)(((int32_t)code - 127) ^ flip);
    }
    *quantization = (struct minnow_row_quantization){1.0f / (float)sum, -127};
}

void minnow_softmax_quantize_rows_reference(const float *x, size_t stride, size_t rows, size_t columns, float factor,
                                            uint8_t flip, int8_t *out, size_t out_stride,
                                            struct minnow_row_quantization *quantization) {
    for (size_t r = 0; r < rows; r++) {
        softmax_quantize_row(x + r * stride, columns, factor, flip, out + r * out_stride, quantization + r);
        memset(out + r * out_stride + columns, flip, out_stride - columns);
    }
}
