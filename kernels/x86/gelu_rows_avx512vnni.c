#include "kernels/x86/activation_avx512.h"
#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

/* VRANGEPS: the lesser magnitude with the sign of x. NaN may become anything: x is a factor of the result. */
static inline __m512 clamp_magnitude(__m512 x, float limit) { return _mm512_range_ps(x, _mm512_set1_ps(limit), 2); }

static inline __m512 gelu_sixteen(__m512 x) {
    __m512 c = clamp_magnitude(x, MINNOW_GELU_LIMIT);
    __m512 t = _mm512_fmadd_ps(_mm512_mul_ps(c, c), _mm512_set1_ps(MINNOW_GELU_SCALE), _mm512_set1_ps(-1.0f));
    __m512 p = _mm512_set1_ps(minnow_gelu_coefficients[MINNOW_GELU_DEGREE]);
    for (int i = MINNOW_GELU_DEGREE - 1; i >= 0; i--)
        p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(minnow_gelu_coefficients[i]));
    return _mm512_mul_ps(x, _mm512_fmadd_ps(c, p, _mm512_set1_ps(0.5f)));
}

void minnow_gelu_rows_avx512vnni(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(gelu_sixteen, x, stride, rows, columns);
}
