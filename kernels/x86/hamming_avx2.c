#include "kernels/x86/planes_avx2.h"
#include "kernels/x86/x86.h"

/* A line adds at most 8 to a byte: it has room for this many. */
enum { MOST_LINES = 31 };

/* The ones of each byte, by a table of half bytes. */
static inline __m256i count_ones(__m256i x) {
    __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    __m256i nibble = _mm256_set1_epi8(15);
    __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, nibble));
    return _mm256_add_epi8(low, _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble)));
}

/* Eight vectors' words of `count` lines. */
static inline __m256i sum_lines(const uint8_t *query, const uint8_t *half, size_t count) {
    __m256i sums = _mm256_setzero_si256();
    for (size_t i = 0; i < count; i++) {
        __m256i word = load_word((const int8_t *)query + 4 * i);
        __m256i differing = _mm256_xor_si256(load_half(half + i * MINNOW_PLANE_LINE), word);
        sums = _mm256_add_epi8(sums, count_ones(differing));
    }
    return widen_sums(_mm256_maddubs_epi16(sums, _mm256_set1_epi8(1)));
}

void minnow_hamming_avx2(const uint8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    for (size_t i = 0; i < 2 * groups; i++) {
        const uint8_t *half = plane + i / 2 * blocks * MINNOW_PLANE_LINE + i % 2 * HALF_BYTES;
        __m256i total = _mm256_setzero_si256();
        for (size_t b = 0; b < blocks; b += MOST_LINES)
            total = _mm256_add_epi32(total, sum_lines(query + 4 * b, half + b * MINNOW_PLANE_LINE,
                                                      blocks - b < MOST_LINES ? blocks - b : MOST_LINES));
        _mm256_storeu_si256((__m256i *)(void *)(out + i * HALF_VECTORS), total);
    }
}
