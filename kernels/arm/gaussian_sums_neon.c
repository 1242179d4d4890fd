#include "kernels/arm/arm.h"
#include "kernels/arm/elementary_neon.h"

static inline float32x4_t gaussian(float32x4_t x, float32x4_t center, float32x4_t factor) {
    float32x4_t distance = vsubq_f32(x, center);
    return precise_exp2_four(vmulq_f32(factor, vmulq_f32(distance, distance)));
}

static float gaussian_sum(const float *x, size_t columns, float32x4_t center, float32x4_t factor) {
    struct lanes sums = zero_lanes();
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes v = load_lanes(x + c, columns - c);
        for (size_t i = 0; i < 4; i++) v.four[i] = gaussian(v.four[i], center, factor);
        sums = add_lanes(sums, keep_lanes(v, columns - c));
    }
    return sum_lanes(sums);
}

void minnow_gaussian_sums_neon(const float *x, size_t stride, size_t rows, size_t columns, const float *center,
                               const float *factor, size_t count, float *sums, size_t sums_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < count; k++)
            sums[r * sums_stride + k] =
                gaussian_sum(x + r * stride, columns, vdupq_n_f32(center[k]), vdupq_n_f32(factor[k]));
}
