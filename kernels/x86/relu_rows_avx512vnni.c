#include "kernels/x86/activation_avx512.h"
#include "kernels/x86/x86.h"

/* NaN and -0 become +0: MAXPS gives its second operand. */
static inline __m512 relu_sixteen(__m512 x) { return _mm512_max_ps(x, _mm512_setzero_ps()); }

void minnow_relu_rows_avx512vnni(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(relu_sixteen, x, stride, rows, columns);
}
