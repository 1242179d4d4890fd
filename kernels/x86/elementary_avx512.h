/* exp, exp2, tanh, sigmoid, log and clamp of sixteen numbers, as kernels/elementary.h specifies them. */
#ifndef MINNOW_ELEMENTARY_AVX512_H
#define MINNOW_ELEMENTARY_AVX512_H

#include "kernels/elementary.h"
#include "kernels/x86/lanes_avx512.h"

/* MAXPS and MINPS give their second operand when one is NaN, as the reference's comparisons do. */
static inline __m512 clamp_sixteen(__m512 x, float low, float high) {
    return _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(low)), _mm512_set1_ps(high));
}

static inline __m512 round_sixteen(__m512 x) {
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* exp2 for codes of 8 bits. */
static inline __m512 exp2_sixteen(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(MINNOW_EXP2_LOWEST));
    __m512 n = round_sixteen(x), r = _mm512_sub_ps(x, n);
    __m512 p = _mm512_set1_ps(minnow_exp2_coefficients[2]);
    for (int i = 1; i >= 0; i--) p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(minnow_exp2_coefficients[i]));
    return _mm512_scalef_ps(_mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f)), n);
}

static inline __m512 precise_exp2_sixteen(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(MINNOW_EXP2_LOWEST));
    __m512 n = round_sixteen(x), r = _mm512_sub_ps(x, n);
    __m512 p = _mm512_set1_ps(minnow_precise_exp2_coefficients[4]);
    for (int i = 3; i >= 0; i--) p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(minnow_precise_exp2_coefficients[i]));
    return _mm512_scalef_ps(_mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f)), n);
}

static inline __m512 exp_sixteen(__m512 x) {
    x = clamp_sixteen(x, MINNOW_EXP_LOWEST, MINNOW_EXP_HIGHEST);
    __m512 n = round_sixteen(_mm512_mul_ps(x, _mm512_set1_ps(MINNOW_LOG2E)));
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(MINNOW_LN2_HIGH), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(MINNOW_LN2_LOW), r);
    __m512 q = _mm512_set1_ps(minnow_exp_coefficients[3]);
    for (int i = 2; i >= 0; i--) q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(minnow_exp_coefficients[i]));
    __m512 mantissa = _mm512_add_ps(_mm512_fmadd_ps(_mm512_mul_ps(r, r), q, r), _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(mantissa, n);
}

static inline __m512 tanh_sixteen(__m512 x) {
    __m512 one = _mm512_set1_ps(1.0f), two = _mm512_set1_ps(2.0f);
    __m512 denominator = _mm512_add_ps(exp_sixteen(_mm512_mul_ps(two, x)), one);
    return _mm512_sub_ps(one, _mm512_div_ps(two, denominator));
}

static inline __m512 sigmoid_sixteen(__m512 x) {
    __m512 one = _mm512_set1_ps(1.0f), negative = _mm512_xor_ps(x, _mm512_set1_ps(-0.0f));
    __m512 result = _mm512_div_ps(one, _mm512_add_ps(one, exp_sixteen(negative)));
    return _mm512_mask_mov_ps(result, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), x);
}

static inline __m512 log_sixteen(__m512 x) {
    __m512i bits = _mm512_castps_si512(clamp_sixteen(x, MINNOW_LOG_LOWEST, MINNOW_LOG_HIGHEST));
    __m512i exponent = _mm512_srai_epi32(_mm512_sub_epi32(bits, _mm512_set1_epi32(MINNOW_LOG_SPLIT)), 23);
    __m512 mantissa = _mm512_castsi512_ps(_mm512_sub_epi32(bits, _mm512_slli_epi32(exponent, 23)));
    __m512 n = _mm512_cvtepi32_ps(exponent), r = _mm512_sub_ps(mantissa, _mm512_set1_ps(1.0f));
    __m512 q = _mm512_set1_ps(minnow_log_coefficients[MINNOW_LOG_DEGREE]);
    for (int i = MINNOW_LOG_DEGREE - 1; i >= 0; i--)
        q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(minnow_log_coefficients[i]));
    __m512 low = _mm512_fmadd_ps(n, _mm512_set1_ps(MINNOW_LN2_LOW), _mm512_fmadd_ps(_mm512_mul_ps(r, r), q, r));
    return _mm512_fmadd_ps(n, _mm512_set1_ps(MINNOW_LN2_HIGH), low);
}

#endif
