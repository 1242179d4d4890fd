#include "kernels/x86/activation_avx512.h"
#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

static inline __m512 tanh_sixteen(__m512 x) {
    __m512 one = _mm512_set1_ps(1.0f), two = _mm512_set1_ps(2.0f);
    __m512 denominator = _mm512_add_ps(exp_sixteen(_mm512_mul_ps(two, x)), one);
    return _mm512_sub_ps(one, _mm512_div_ps(two, denominator));
}

void minnow_tanh_rows_avx512vnni(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(tanh_sixteen, x, stride, rows, columns);
}
