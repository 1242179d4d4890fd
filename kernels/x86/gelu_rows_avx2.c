#include "kernels/x86/activation_avx2.h"
#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

static inline __m256 gelu_eight(__m256 x) {
    __m256 c = clamp_eight(x, -MINNOW_GELU_LIMIT, MINNOW_GELU_LIMIT);
    __m256 t = _mm256_fmadd_ps(_mm256_mul_ps(c, c), _mm256_set1_ps(MINNOW_GELU_SCALE), _mm256_set1_ps(-1.0f));
    __m256 p = _mm256_set1_ps(minnow_gelu_coefficients[MINNOW_GELU_DEGREE]);
    for (int i = MINNOW_GELU_DEGREE - 1; i >= 0; i--)
        p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(minnow_gelu_coefficients[i]));
    return _mm256_mul_ps(x, _mm256_fmadd_ps(c, p, _mm256_set1_ps(0.5f)));
}

void minnow_gelu_rows_avx2(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(gelu_eight, x, stride, rows, columns);
}
