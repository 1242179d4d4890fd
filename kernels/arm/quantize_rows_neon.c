#include <math.h>

#include "kernels/arm/arm.h"
#include "kernels/arm/elementary_neon.h"
#include "kernels/reference/lanes.h"

struct affine {
    float inverse, zero; /* q = rint(x * inverse) + zero */
};

/* The parameters from the range of the row; NaN is outside of every comparison. */
static struct affine choose_affine(const float *in, size_t columns,
                                   struct minnow_row_quantization *quantization) {
    float32x4_t lows = vdupq_n_f32(0), highs = lows;
    for (size_t c = 0; c < columns; c += 4) {
        float32x4_t x = load_four(in + c, columns - c);
        lows = less_of(x, lows);
        highs = greater_of(x, highs);
    }
    float low = vminvq_f32(lows), range = vmaxvq_f32(highs) - low;
    float inverse = range > 0 ? 254.0f / range : 0.0f;
    if (!(inverse < INFINITY)) inverse = 0.0f;
    float zero = rintf(minnow_clamp(-127.0f - low * inverse, -127.0f, 127.0f));
    *quantization = (struct minnow_row_quantization){range / 254.0f, (int32_t)zero};
    return (struct affine){inverse, zero};
}

static inline int16x4_t quantize_four(float32x4_t x, float32x4_t inverse, float32x4_t zero) {
    float32x4_t q = clamp_four(vfmaq_f32(zero, x, inverse), -127.0f, 127.0f);
    return vmovn_s32(vcvtnq_s32_f32(q));
}

/* Eight bytes of which the first `count` are quantized and the rest zeros. */
static inline int8x8_t quantize_eight(const float *in, size_t c, size_t count, struct affine affine) {
    static const int8_t index[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    float32x4_t inverse = vdupq_n_f32(affine.inverse), zero = vdupq_n_f32(affine.zero);
    int16x4_t low = quantize_four(load_four(in + c, count), inverse, zero), high = vdup_n_s16(0);
    if (count > 4) high = quantize_four(load_four(in + c + 4, count - 4), inverse, zero);
    int8x8_t bytes = vmovn_s16(vcombine_s16(low, high));
    if (count >= 8) return bytes;
    return vand_s8(bytes, vreinterpret_s8_u8(vclt_s8(vld1_s8(index), vdup_n_s8((int8_t)count))));
}

void minnow_quantize_rows_neon(const float *in, size_t in_stride, size_t rows, size_t columns, uint8_t flip,
                               int8_t *out, size_t out_stride, struct minnow_row_quantization *quantization) {
    int8x8_t mask = vdup_n_s8((int8_t)flip);
    size_t written = (columns + 7) / 8 * 8;
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride) {
        struct affine affine = choose_affine(in, columns, quantization + r);
        for (size_t c = 0; c < columns; c += 8)
            vst1_s8(out + c, veor_s8(quantize_eight(in, c, columns - c, affine), mask));
        memset(out + written, flip, out_stride - written);
    }
}
