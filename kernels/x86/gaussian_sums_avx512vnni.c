#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

static float gaussian_sum(const float *x, size_t columns, float center, float factor) {
    __m512 sums = _mm512_setzero_ps();
    for (size_t c = 0; c < columns; c += 16) {
        __m512 distance = _mm512_sub_ps(load_lanes(x + c, columns - c), _mm512_set1_ps(center));
        __m512 e = exp_sixteen(_mm512_mul_ps(_mm512_set1_ps(factor), _mm512_mul_ps(distance, distance)));
        sums = _mm512_mask_add_ps(sums, first_lanes(columns - c), sums, e);
    }
    return sum_lanes(sums);
}

void minnow_gaussian_sums_avx512vnni(const float *x, size_t stride, size_t rows, size_t columns, const float *center,
                                     const float *factor, size_t count, float *sums, size_t sums_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < count; k++)
            sums[r * sums_stride + k] = gaussian_sum(x + r * stride, columns, center[k], factor[k]);
}
