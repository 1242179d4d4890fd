#include "kernels/x86/activation_avx2.h"
#include "kernels/x86/x86.h"

/* NaN and -0 become +0: MAXPS gives its second operand. */
static inline __m256 relu_eight(__m256 x) { return _mm256_max_ps(x, _mm256_setzero_ps()); }

void minnow_relu_rows_avx2(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(relu_eight, x, stride, rows, columns);
}
