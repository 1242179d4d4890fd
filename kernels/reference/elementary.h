/* exp, exp2, gelu, tanh, sigmoid and log of one number, as kernels/elementary.h specifies them. */
#ifndef MINNOW_REFERENCE_ELEMENTARY_H
#define MINNOW_REFERENCE_ELEMENTARY_H

#include <math.h>
#include <string.h>

#include "kernels/elementary.h"
#include "kernels/reference/lanes.h"

/* 2^n for n in the range of normal numbers. */
static inline float minnow_power_of_two(int32_t n) {
    uint32_t bits = (uint32_t)(n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

static inline float minnow_exp2_one(float x) {
    x = x > MINNOW_EXP2_LOWEST ? x : MINNOW_EXP2_LOWEST;
    float n = rintf(x), r = x - n;
    float p = minnow_exp2_coefficients[2];
    for (int i = 1; i >= 0; i--) p = fmaf(p, r, minnow_exp2_coefficients[i]);
    return fmaf(p, r, 1.0f) * minnow_power_of_two((int32_t)n);
}

static inline float minnow_precise_exp2_one(float x) {
    x = x > MINNOW_EXP2_LOWEST ? x : MINNOW_EXP2_LOWEST;
    float n = rintf(x), r = x - n;
    float p = minnow_precise_exp2_coefficients[4];
    for (int i = 3; i >= 0; i--) p = fmaf(p, r, minnow_precise_exp2_coefficients[i]);
    return fmaf(p, r, 1.0f) * minnow_power_of_two((int32_t)n);
}

static inline float minnow_exp_one(float x) {
    x = minnow_clamp(x, MINNOW_EXP_LOWEST, MINNOW_EXP_HIGHEST);
    float n = rintf(x * MINNOW_LOG2E);
    float r = fmaf(n, -MINNOW_LN2_LOW, fmaf(n, -MINNOW_LN2_HIGH, x));
    float q = minnow_exp_coefficients[3];
    for (int i = 2; i >= 0; i--) q = fmaf(q, r, minnow_exp_coefficients[i]);
    float mantissa = fmaf(r * r, q, r) + 1.0f;
    return mantissa * minnow_power_of_two((int32_t)n);
}

static inline float minnow_gelu_one(float x) {
    float c = minnow_clamp(x, -MINNOW_GELU_LIMIT, MINNOW_GELU_LIMIT);
    float t = fmaf(c * c, MINNOW_GELU_SCALE, -1.0f);
    float p = minnow_gelu_coefficients[MINNOW_GELU_DEGREE];
    for (int i = MINNOW_GELU_DEGREE - 1; i >= 0; i--) p = fmaf(p, t, minnow_gelu_coefficients[i]);
    return x * fmaf(c, p, 0.5f);
}

static inline float minnow_tanh_one(float x) { return 1.0f - 2.0f / (minnow_exp_one(2.0f * x) + 1.0f); }

static inline float minnow_sigmoid_one(float x) { return x == x ? 1.0f / (1.0f + minnow_exp_one(-x)) : x; }

static inline float minnow_precise_gelu_one(float x) {
    float a = minnow_clamp(fabsf(x), 0, MINNOW_PRECISE_GELU_LIMIT), t = 1.0f / fmaf(a, MINNOW_ERF_SCALE, 1.0f);
    float p = minnow_erf_coefficients[MINNOW_ERF_DEGREE];
    for (int i = MINNOW_ERF_DEGREE - 1; i >= 0; i--) p = fmaf(p, t, minnow_erf_coefficients[i]);
    float half = 0.5f * (t * p * minnow_exp_one(-0.5f * (a * a)));
    return x * (x > 0 ? 1.0f - half : half);
}

static inline float minnow_log_one(float x) {
    x = minnow_clamp(x, MINNOW_LOG_LOWEST, MINNOW_LOG_HIGHEST);
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t n = (bits - MINNOW_LOG_SPLIT) >> 23;
    bits -= (int32_t)((uint32_t)n << 23);
    memcpy(&x, &bits, sizeof x);
    float r = x - 1.0f, q = minnow_log_coefficients[MINNOW_LOG_DEGREE];
    for (int i = MINNOW_LOG_DEGREE - 1; i >= 0; i--) q = fmaf(q, r, minnow_log_coefficients[i]);
    return fmaf((float)n, MINNOW_LN2_HIGH, fmaf((float)n, MINNOW_LN2_LOW, fmaf(r * r, q, r)));
}

#endif
