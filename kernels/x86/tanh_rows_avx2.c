#include "kernels/x86/activation_avx2.h"
#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

static inline __m256 tanh_eight(__m256 x) {
    __m256 one = _mm256_set1_ps(1.0f), two = _mm256_set1_ps(2.0f);
    __m256 denominator = _mm256_add_ps(exp_eight(_mm256_mul_ps(two, x)), one);
    return _mm256_sub_ps(one, _mm256_div_ps(two, denominator));
}

void minnow_tanh_rows_avx2(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(tanh_eight, x, stride, rows, columns);
}
