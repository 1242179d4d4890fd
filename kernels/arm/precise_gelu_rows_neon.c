#include "kernels/arm/activation_neon.h"
#include "kernels/arm/arm.h"
#include "kernels/arm/elementary_neon.h"

static inline float32x4_t precise_gelu_four(float32x4_t x) {
    float32x4_t one = vdupq_n_f32(1.0f), half = vdupq_n_f32(0.5f);
    float32x4_t a = clamp_four(vabsq_f32(x), 0, MINNOW_PRECISE_GELU_LIMIT);
    float32x4_t t = vdivq_f32(one, vfmaq_f32(one, a, vdupq_n_f32(MINNOW_ERF_SCALE)));
    float32x4_t p = vdupq_n_f32(minnow_erf_coefficients[MINNOW_ERF_DEGREE]);
    for (int i = MINNOW_ERF_DEGREE - 1; i >= 0; i--) p = vfmaq_f32(vdupq_n_f32(minnow_erf_coefficients[i]), p, t);
    float32x4_t tail = exp_four(vmulq_f32(vdupq_n_f32(-0.5f), vmulq_f32(a, a)));
    float32x4_t low = vmulq_f32(half, vmulq_f32(vmulq_f32(t, p), tail)), high = vsubq_f32(one, low);
    return vmulq_f32(x, vbslq_f32(vcgtq_f32(x, vdupq_n_f32(0)), high, low));
}

void minnow_precise_gelu_rows_neon(float *x, size_t stride, size_t rows, size_t columns) {
    apply_rows(precise_gelu_four, x, stride, rows, columns);
}
