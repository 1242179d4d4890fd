#include "kernels/arm/activation_neon.h"
#include "kernels/arm/arm.h"
#include "kernels/arm/elementary_neon.h"

static inline float32x4_t gelu_four(float32x4_t x) {
    float32x4_t c = clamp_four(x, -MINNOW_GELU_LIMIT, MINNOW_GELU_LIMIT);
    float32x4_t t = vfmaq_f32(vdupq_n_f32(-1.0f), vmulq_f32(c, c), vdupq_n_f32(MINNOW_GELU_SCALE));
    float32x4_t p = vdupq_n_f32(minnow_gelu_coefficients[MINNOW_GELU_DEGREE]);
    for (int i = MINNOW_GELU_DEGREE - 1; i >= 0; i--) p = vfmaq_f32(vdupq_n_f32(minnow_gelu_coefficients[i]), p, t);
    return vmulq_f32(x, vfmaq_f32(vdupq_n_f32(0.5f), c, p));
}

void minnow_gelu_rows_neon(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(gelu_four, x, stride, rows, columns);
}
