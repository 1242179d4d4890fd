/* exp, exp2, tanh, sigmoid, log and clamp of eight numbers, as kernels/elementary.h specifies them. */
#ifndef MINNOW_ELEMENTARY_AVX2_H
#define MINNOW_ELEMENTARY_AVX2_H

#include "kernels/elementary.h"
#include "kernels/x86/lanes_avx2.h"

/* MAXPS and MINPS give their second operand when one is NaN, as the reference's comparisons do. */
static inline __m256 clamp_eight(__m256 x, float low, float high) {
    return _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(low)), _mm256_set1_ps(high));
}

static inline __m256 round_eight(__m256 x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

/* 2^n for a whole n from -126 to 127. */
static inline __m256 power_of_two_eight(__m256 n) {
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}

static inline __m256 exp2_eight(__m256 x) {
    x = _mm256_max_ps(x, _mm256_set1_ps(MINNOW_EXP2_LOWEST));
    __m256 n = round_eight(x), r = _mm256_sub_ps(x, n);
    __m256 p = _mm256_set1_ps(minnow_exp2_coefficients[2]);
    for (int i = 1; i >= 0; i--) p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(minnow_exp2_coefficients[i]));
    return _mm256_mul_ps(_mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f)), power_of_two_eight(n));
}

static inline __m256 precise_exp2_eight(__m256 x) {
    x = _mm256_max_ps(x, _mm256_set1_ps(MINNOW_EXP2_LOWEST));
    __m256 n = round_eight(x), r = _mm256_sub_ps(x, n);
    __m256 p = _mm256_set1_ps(minnow_precise_exp2_coefficients[4]);
    for (int i = 3; i >= 0; i--) p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(minnow_precise_exp2_coefficients[i]));
    return _mm256_mul_ps(_mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f)), power_of_two_eight(n));
}

static inline __m256 exp_eight(__m256 x) {
    x = clamp_eight(x, MINNOW_EXP_LOWEST, MINNOW_EXP_HIGHEST);
    __m256 n = round_eight(_mm256_mul_ps(x, _mm256_set1_ps(MINNOW_LOG2E)));
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(MINNOW_LN2_HIGH), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(MINNOW_LN2_LOW), r);
    __m256 q = _mm256_set1_ps(minnow_exp_coefficients[3]);
    for (int i = 2; i >= 0; i--) q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(minnow_exp_coefficients[i]));
    __m256 mantissa = _mm256_add_ps(_mm256_fmadd_ps(_mm256_mul_ps(r, r), q, r), _mm256_set1_ps(1.0f));
    return _mm256_mul_ps(mantissa, power_of_two_eight(n));
}

static inline __m256 tanh_eight(__m256 x) {
    __m256 one = _mm256_set1_ps(1.0f), two = _mm256_set1_ps(2.0f);
    __m256 denominator = _mm256_add_ps(exp_eight(_mm256_mul_ps(two, x)), one);
    return _mm256_sub_ps(one, _mm256_div_ps(two, denominator));
}

static inline __m256 sigmoid_eight(__m256 x) {
    __m256 one = _mm256_set1_ps(1.0f), negative = _mm256_xor_ps(x, _mm256_set1_ps(-0.0f));
    __m256 result = _mm256_div_ps(one, _mm256_add_ps(one, exp_eight(negative)));
    return _mm256_blendv_ps(result, x, _mm256_cmp_ps(x, x, _CMP_UNORD_Q));
}

static inline __m256 log_eight(__m256 x) {
    __m256i bits = _mm256_castps_si256(clamp_eight(x, MINNOW_LOG_LOWEST, MINNOW_LOG_HIGHEST));
    __m256i exponent = _mm256_srai_epi32(_mm256_sub_epi32(bits, _mm256_set1_epi32(MINNOW_LOG_SPLIT)), 23);
    __m256 mantissa = _mm256_castsi256_ps(_mm256_sub_epi32(bits, _mm256_slli_epi32(exponent, 23)));
    __m256 n = _mm256_cvtepi32_ps(exponent), r = _mm256_sub_ps(mantissa, _mm256_set1_ps(1.0f));
    __m256 q = _mm256_set1_ps(minnow_log_coefficients[MINNOW_LOG_DEGREE]);
    for (int i = MINNOW_LOG_DEGREE - 1; i >= 0; i--)
        q = _mm256_fmadd_ps(q, r, _mm256_set1_ps(minnow_log_coefficients[i]));
    __m256 low = _mm256_fmadd_ps(n, _mm256_set1_ps(MINNOW_LN2_LOW), _mm256_fmadd_ps(_mm256_mul_ps(r, r), q, r));
    return _mm256_fmadd_ps(n, _mm256_set1_ps(MINNOW_LN2_HIGH), low);
}

#endif
