#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

/* One bit for each of eight that reach the threshold. */
static inline unsigned reaching(__m256i dot, __m256i bound, const struct minnow_limit *limit) {
    dot = _mm256_add_epi32(_mm256_add_epi32(dot, dot), _mm256_set1_epi32(limit->offset));
    __m256 slope = _mm256_castsi256_ps(_mm256_slli_epi32(bound, 16));
    __m256 rest = _mm256_castsi256_ps(_mm256_and_si256(bound, _mm256_set1_epi32((int)0xFFFF0000u)));
    rest = _mm256_mul_ps(_mm256_set1_ps(limit->norm), rest);
    __m256 most = _mm256_fmadd_ps(slope, _mm256_cvtepi32_ps(dot), rest);
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(most, _mm256_set1_ps(limit->threshold), _CMP_GE_OQ));
}

static inline size_t store_selected(uint32_t *indices, unsigned mask, size_t first) {
    size_t selected = 0;
    for (; mask; mask &= mask - 1) indices[selected++] = (uint32_t)(first + (size_t)__builtin_ctz(mask));
    return selected;
}

size_t minnow_select_avx2(const int32_t *dots, const uint32_t *bounds, size_t count, const struct minnow_limit *limit,
                          uint32_t *indices) {
    size_t selected = 0, i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i dot = _mm256_loadu_si256((const __m256i *)(const void *)(dots + i));
        __m256i bound = _mm256_loadu_si256((const __m256i *)(const void *)(bounds + i));
        selected += store_selected(indices + selected, reaching(dot, bound, limit), i);
    }
    if (i == count) return selected;
    __m256i mask = first_elements(count - i);
    __m256i dot = _mm256_maskload_epi32(dots + i, mask);
    __m256i bound = _mm256_maskload_epi32((const int *)(const void *)(bounds + i), mask);
    unsigned here = reaching(dot, bound, limit) & ((1u << (count - i)) - 1u);
    return selected + store_selected(indices + selected, here, i);
}
