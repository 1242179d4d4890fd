#include <math.h>
#include <string.h>

#include "kernels/reference/lanes.h"
#include "kernels/reference/reference.h"

static void quantize_row(const float *in, size_t columns, uint8_t flip, int8_t *out, size_t out_stride,
                         struct minnow_row_quantization *quantization) {
    float low = 0, high = 0;
    for (size_t c = 0; c < columns; c++) {
        low = in[c] < low ? in[c] : low;
        high = in[c] > high ? in[c] : high;
    }
    float range = high - low;
    /* A constant row (range 0) or one whose range overflows keeps scale 0 or infinity and inverse 0. */
    float inverse = range > 0 ? 254.0f / range : 0.0f;
    if (!(inverse < INFINITY)) inverse = 0.0f;
    float zero = rintf(minnow_clamp(-127.0f - low * inverse, -127.0f, 127.0f));
    for (size_t c = 0; c < columns; c++)
        out[c] = (int8_t)((int8_t)minnow_clamp(rintf(fmaf(in[c], inverse, zero)), -127.0f, 127.0f) ^ flip);
    memset(out + columns, flip, out_stride - columns);
    quantization->scale = range / 254.0f;
    quantization->zero = (int32_t)zero;
}

void minnow_quantize_rows_reference(const float *in, size_t in_stride, size_t rows, size_t columns, uint8_t flip,
                                    int8_t *out, size_t out_stride, struct minnow_row_quantization *quantization) {
    for (size_t r = 0; r < rows; r++)
        quantize_row(in + r * in_stride, columns, flip, out + r * out_stride, out_stride, quantization + r);
}
