/* exp, exp2, tanh, sigmoid, log and clamp of four numbers, as kernels/elementary.h specifies them. */
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

static inline float32x4_t tanh_four(float32x4_t x) {
    float32x4_t one = vdupq_n_f32(1.0f), two = vdupq_n_f32(2.0f);
    return vsubq_f32(one, vdivq_f32(two, vaddq_f32(exp_four(vmulq_f32(two, x)), one)));
}

static inline float32x4_t sigmoid_four(float32x4_t x) {
    float32x4_t one = vdupq_n_f32(1.0f);
    float32x4_t result = vdivq_f32(one, vaddq_f32(one, exp_four(vnegq_f32(x))));
    return vbslq_f32(vceqq_f32(x, x), result, x);
}

static inline float32x4_t log_four(float32x4_t x) {
    int32x4_t bits = vreinterpretq_s32_f32(clamp_four(x, MINNOW_LOG_LOWEST, MINNOW_LOG_HIGHEST));
    int32x4_t exponent = vshrq_n_s32(vsubq_s32(bits, vdupq_n_s32(MINNOW_LOG_SPLIT)), 23);
    float32x4_t mantissa = vreinterpretq_f32_s32(vsubq_s32(bits, vshlq_n_s32(exponent, 23)));
    float32x4_t n = vcvtq_f32_s32(exponent), r = vsubq_f32(mantissa, vdupq_n_f32(1.0f));
    float32x4_t q = vdupq_n_f32(minnow_log_coefficients[MINNOW_LOG_DEGREE]);
    for (int i = MINNOW_LOG_DEGREE - 1; i >= 0; i--) q = vfmaq_f32(vdupq_n_f32(minnow_log_coefficients[i]), q, r);
    float32x4_t low = vfmaq_f32(vfmaq_f32(r, vmulq_f32(r, r), q), n, vdupq_n_f32(MINNOW_LN2_LOW));
    return vfmaq_f32(low, n, vdupq_n_f32(MINNOW_LN2_HIGH));
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

static inline float32x4_t precise_exp2_four(float32x4_t x) {
    x = greater_of(x, vdupq_n_f32(MINNOW_EXP2_LOWEST));
    float32x4_t n = vrndnq_f32(x), r = vsubq_f32(x, n);
    float32x4_t p = vdupq_n_f32(minnow_precise_exp2_coefficients[4]);
    for (int i = 3; i >= 0; i--) p = vfmaq_f32(vdupq_n_f32(minnow_precise_exp2_coefficients[i]), p, r);
    int32x4_t exponent = vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127));
    return vmulq_f32(vfmaq_f32(vdupq_n_f32(1.0f), p, r), vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23)));
}

#endif
