/* Floats to bytes by a scale, sixteen at a time. */
#ifndef MINNOW_BYTES_NEON_H
#define MINNOW_BYTES_NEON_H

#include <math.h>

#include "kernels/arm/elementary_neon.h"

/* Sixteen integers in the order of lanes. */
struct integers {
    int32x4_t four[4];
};

/* 127 / highest, zero where that is not finite. */
static inline float32x4_t inverse_of(float32x4_t highest) {
    float32x4_t inverse = vdivq_f32(vdupq_n_f32(127.0f), highest);
    uint32x4_t finite = vcltq_f32(inverse, vdupq_n_f32(INFINITY));
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(inverse), finite));
}

/* clamp(rint(value * inverse)): NaN becomes -127. */
static inline int32x4_t quantize_scaled(float32x4_t values, float32x4_t inverse) {
    return vcvtnq_s32_f32(clamp_four(vrndnq_f32(vmulq_f32(values, inverse)), -127.0f, 127.0f));
}

static inline int8x16_t narrow(struct integers q) {
    int16x8_t low = vcombine_s16(vmovn_s32(q.four[0]), vmovn_s32(q.four[1]));
    int16x8_t high = vcombine_s16(vmovn_s32(q.four[2]), vmovn_s32(q.four[3]));
    return vcombine_s8(vmovn_s16(low), vmovn_s16(high));
}

/* Zeros from the `count`th byte on. */
static inline int8x16_t keep_bytes(int8x16_t bytes, size_t count) {
    static const uint8_t index[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    if (count >= 16) return bytes;
    return vandq_s8(bytes, vreinterpretq_s8_u8(vcltq_u8(vld1q_u8(index), vdupq_n_u8((uint8_t)count))));
}

#endif
