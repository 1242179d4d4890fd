#include "kernels/arm/activation_neon.h"
#include "kernels/arm/arm.h"

static inline float32x4_t relu_four(float32x4_t x) { return greater_of(x, vdupq_n_f32(0)); }

void minnow_relu_rows_neon(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(relu_four, x, stride, rows, columns);
}
