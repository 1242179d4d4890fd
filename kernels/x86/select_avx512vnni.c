#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

/* One bit for each of the first `count` of sixteen that reach the threshold. */
static inline __mmask16 reaching(const int32_t *dots, const uint32_t *bounds, size_t count,
                                 const struct minnow_limit *limit) {
    __mmask16 lanes = first_lanes(count);
    __m512i dot = _mm512_maskz_loadu_epi32(lanes, dots), bound = _mm512_maskz_loadu_epi32(lanes, bounds);
    dot = _mm512_add_epi32(_mm512_add_epi32(dot, dot), _mm512_set1_epi32(limit->offset));
    __m512 slope = _mm512_castsi512_ps(_mm512_slli_epi32(bound, 16));
    __m512 rest = _mm512_castsi512_ps(_mm512_and_si512(bound, _mm512_set1_epi32((int)0xFFFF0000u)));
    rest = _mm512_mul_ps(_mm512_set1_ps(limit->norm), rest);
    __m512 most = _mm512_fmadd_ps(slope, _mm512_cvtepi32_ps(dot), rest);
    return _mm512_mask_cmp_ps_mask(lanes, most, _mm512_set1_ps(limit->threshold), _CMP_GE_OQ);
}

/* Sixteen at once: what lies beyond the selected ones is written over by the next, so `indices` needs only room for
 * the first i + 16. */
static inline size_t store_selected(uint32_t *indices, __mmask16 mask, size_t i) {
    __m512i count = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i all = _mm512_add_epi32(count, _mm512_set1_epi32((int)i));
    _mm512_storeu_si512(indices, _mm512_maskz_compress_epi32(mask, all));
    return (size_t)__builtin_popcount(mask);
}

size_t minnow_select_avx512vnni(const int32_t *dots, const uint32_t *bounds, size_t count,
                                const struct minnow_limit *limit, uint32_t *indices) {
    size_t selected = 0, i = 0;
    for (; i + 16 <= count; i += 16) {
        __mmask16 mask = reaching(dots + i, bounds + i, 16, limit);
        if (mask) selected += store_selected(indices + selected, mask, i);
    }
    if (i == count) return selected;
    for (unsigned mask = reaching(dots + i, bounds + i, count - i, limit); mask; mask &= mask - 1)
        indices[selected++] = (uint32_t)(i + (size_t)__builtin_ctz(mask));
    return selected;
}
