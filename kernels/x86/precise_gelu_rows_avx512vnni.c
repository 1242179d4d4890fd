#include "kernels/x86/activation_avx512.h"
#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

static inline __m512 precise_gelu_sixteen(__m512 x) {
    __m512 one = _mm512_set1_ps(1.0f), half = _mm512_set1_ps(0.5f);
    __m512 a = clamp_sixteen(_mm512_abs_ps(x), 0, MINNOW_PRECISE_GELU_LIMIT);
    __m512 t = _mm512_div_ps(one, _mm512_fmadd_ps(a, _mm512_set1_ps(MINNOW_ERF_SCALE), one));
    __m512 p = _mm512_set1_ps(minnow_erf_coefficients[MINNOW_ERF_DEGREE]);
    for (int i = MINNOW_ERF_DEGREE - 1; i >= 0; i--)
        p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(minnow_erf_coefficients[i]));
    __m512 tail = exp_sixteen(_mm512_mul_ps(_mm512_set1_ps(-0.5f), _mm512_mul_ps(a, a)));
    __m512 low = _mm512_mul_ps(half, _mm512_mul_ps(_mm512_mul_ps(t, p), tail));
    __mmask16 positive = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GT_OQ);
    return _mm512_mul_ps(x, _mm512_mask_sub_ps(low, positive, one, low));
}

void minnow_precise_gelu_rows_avx512vnni(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(precise_gelu_sixteen, x, stride, rows, columns);
}
