#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

static inline __m512 gaussian(__m512 x, float center, float factor) {
    __m512 distance = _mm512_sub_ps(x, _mm512_set1_ps(center));
    return precise_exp2_sixteen(_mm512_mul_ps(_mm512_set1_ps(factor), _mm512_mul_ps(distance, distance)));
}

static float gaussian_sum(const float *x, size_t columns, float center, float factor) {
    __m512 sums = _mm512_setzero_ps();
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) sums = _mm512_add_ps(sums, gaussian(_mm512_loadu_ps(x + c), center, factor));
    __mmask16 rest = first_lanes(columns - c);
    if (rest) sums = _mm512_mask_add_ps(sums, rest, sums, gaussian(_mm512_maskz_loadu_ps(rest, x + c), center, factor));
    return sum_lanes(sums);
}

void minnow_gaussian_sums_avx512vnni(const float *x, size_t stride, size_t rows, size_t columns, const float *center,
                                     const float *factor, size_t count, float *sums, size_t sums_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < count; k++)
            sums[r * sums_stride + k] = gaussian_sum(x + r * stride, columns, center[k], factor[k]);
}
