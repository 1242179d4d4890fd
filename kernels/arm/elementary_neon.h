/* exp, exp2 and clamp of four numbers, as kernels/elementary.h specifies them. */
#ifndef MINNOW_ELEMENTARY_NEON_H
#define MINNOW_ELEMENTARY_NEON_H

#include "kernels/arm/lanes_neon.h"
#include "kernels/elementary.h"

static inline float32x4_t clamp_four(float32x4_t x, float low, float high) {
    return less_of(greater_of(x, vdupq_n_f32(low)), vdupq_n_f32(high));
}

static inline float32x4_t exp_four(float32x4_t x) {
    x = clamp_four(x, MINNOW_EXP_LOWEST, MINNOW_EXP_HIGHEST);
    float32x4_t n = vrndnq_f32(vmulq_f32(x, vdupq_n_f32(MINNOW_LOG2E)));
    float32x4_t r = vfmsq_f32(x, n, vdupq_n_f32(MINNOW_LN2_HIGH));
    r = vfmsq_f32(r, n, vdupq_n_f32(MINNOW_LN2_LOW));
    float32x4_t q = vdupq_n_f32(minnow_exp_coefficients[3]);
    for (int i = 2; i >= 0; i--) q = vfmaq_f32(vdupq_n_f32(minnow_exp_coefficients[i]), q, r);
    float32x4_t mantissa = vaddq_f32(vfmaq_f32(r, vmulq_f32(r, r), q), vdupq_n_f32(1.0f));
    int32x4_t exponent = vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127));
    return vmulq_f32(mantissa, vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23)));
}

/* To the precision of eight bits. */
static inline float32x4_t exp2_four(float32x4_t x) {
    x = greater_of(x, vdupq_n_f32(MINNOW_EXP2_LOWEST));
    float32x4_t n = vrndnq_f32(x), r = vsubq_f32(x, n);
    float32x4_t p = vdupq_n_f32(minnow_exp2_coefficients[2]);
    for (int i = 1; i >= 0; i--) p = vfmaq_f32(vdupq_n_f32(minnow_exp2_coefficients[i]), p, r);
    int32x4_t exponent = vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127));
    return vmulq_f32(vfmaq_f32(vdupq_n_f32(1.0f), p, r), vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23)));
}

#endif
