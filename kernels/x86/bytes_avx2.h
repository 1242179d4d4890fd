/* From sixteen numbers to sixteen bytes. */
#ifndef MINNOW_BYTES_AVX2_H
#define MINNOW_BYTES_AVX2_H

#include "kernels/x86/lanes_avx2.h"

/* Sixteen 32-bit numbers as bytes in [-127, 127], in order. */
static inline __m128i narrow(__m256i low, __m256i high) {
    __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), _MM_SHUFFLE(3, 1, 2, 0));
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    return _mm_max_epi8(bytes, _mm_set1_epi8(-127));
}

/* All bits set in the first `count` (at most 16) bytes. */
static inline __m128i first_bytes(size_t count) {
    static const int8_t window[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    return _mm_loadu_si128((const __m128i *)(const void *)(window + 16 - count));
}

#endif
