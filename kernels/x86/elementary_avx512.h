/* exp and clamp of sixteen numbers, as kernels/elementary.h specifies them. */
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

static inline __m512 exp_sixteen(__m512 x) {
    x = clamp_sixteen(x, MINNOW_EXP_LOWEST, MINNOW_EXP_HIGHEST);
    __m512 n = round_sixteen(_mm512_mul_ps(x, _mm512_set1_ps(MINNOW_LOG2E)));
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(MINNOW_LN2_HIGH), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(MINNOW_LN2_LOW), r);
    __m512 q = _mm512_set1_ps(minnow_exp_coefficients[3]);
    for (int i = 2; i >= 0; i--) q = _mm512_fmadd_ps(q, r, _mm512_set1_ps(minnow_exp_coefficients[i]));
    __m512 mantissa = _mm512_add_ps(_mm512_fmadd_ps(_mm512_mul_ps(r, r), q, r), _mm512_set1_ps(1.0f));
    __m512i exponent = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));
    return _mm512_mul_ps(mantissa, _mm512_castsi512_ps(_mm512_slli_epi32(exponent, 23)));
}

#endif
