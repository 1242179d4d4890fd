#include "kernels/x86/activation_avx2.h"
#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

static inline __m256 precise_gelu_eight(__m256 x) {
    __m256 one = _mm256_set1_ps(1.0f), half = _mm256_set1_ps(0.5f);
    __m256 a = clamp_eight(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), x), 0, MINNOW_PRECISE_GELU_LIMIT);
    __m256 t = _mm256_div_ps(one, _mm256_fmadd_ps(a, _mm256_set1_ps(MINNOW_ERF_SCALE), one));
    __m256 p = _mm256_set1_ps(minnow_erf_coefficients[MINNOW_ERF_DEGREE]);
    for (int i = MINNOW_ERF_DEGREE - 1; i >= 0; i--)
        p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(minnow_erf_coefficients[i]));
    __m256 tail = exp_eight(_mm256_mul_ps(_mm256_set1_ps(-0.5f), _mm256_mul_ps(a, a)));
    __m256 low = _mm256_mul_ps(half, _mm256_mul_ps(_mm256_mul_ps(t, p), tail)), high = _mm256_sub_ps(one, low);
    return _mm256_mul_ps(x, _mm256_blendv_ps(low, high, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GT_OQ)));
}

void minnow_precise_gelu_rows_avx2(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(precise_gelu_eight, x, stride, rows, columns);
}
