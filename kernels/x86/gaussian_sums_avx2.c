#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

static inline __m256 gaussian(__m256 x, float center, float factor) {
    __m256 distance = _mm256_sub_ps(x, _mm256_set1_ps(center));
    return precise_exp2_eight(_mm256_mul_ps(_mm256_set1_ps(factor), _mm256_mul_ps(distance, distance)));
}

static float gaussian_sum(const float *x, size_t columns, float center, float factor) {
    struct lanes sums = zero_lanes();
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes v = load_lanes(x + c, columns - c);
        v = (struct lanes){gaussian(v.low, center, factor), gaussian(v.high, center, factor)};
        sums = add_lanes(sums, keep_lanes(v, columns - c));
    }
    return sum_lanes(sums);
}

void minnow_gaussian_sums_avx2(const float *x, size_t stride, size_t rows, size_t columns, const float *center,
                               const float *factor, size_t count, float *sums, size_t sums_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < count; k++)
            sums[r * sums_stride + k] = gaussian_sum(x + r * stride, columns, center[k], factor[k]);
}
