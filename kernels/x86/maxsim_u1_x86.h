/* What the x86 tiers of maxsim_u1 share: where groups of tokens lie, and the largest of their sums. */
#ifndef MINNOW_MAXSIM_U1_X86_H
#define MINNOW_MAXSIM_U1_X86_H

#include <immintrin.h>

#include "kernels/kernels.h"

static inline __m128i load_sixteen(const uint8_t *bytes) {
    return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

static inline size_t group_count(const struct minnow_maxsim_u1_args *args) {
    return MINNOW_PADDED(args->token_count) / 16;
}

/* Where there is no further group, the last again: a maximum stays what it is. */
static inline void find_groups(const struct minnow_maxsim_u1_args *args, size_t first, const uint8_t **groups,
                               size_t count) {
    size_t last = group_count(args) - 1;
    for (size_t i = 0; i < count; i++) {
        size_t group = first + i < last ? first + i : last;
        groups[i] = args->tokens + group * 2 * MINNOW_PADDED(args->columns);
    }
}

/* The largest of sixteen unsigned words. PHMINPOSUW finds the smallest: the complement of the largest's complement. */
static inline int32_t highest_word(__m256i words) {
    __m128i eight = _mm_max_epu16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    __m128i lowest = _mm_minpos_epu16(_mm_xor_si128(eight, _mm_set1_epi16(-1)));
    return 0xFFFF ^ (_mm_cvtsi128_si32(lowest) & 0xFFFF);
}

#endif
