#include "kernels/x86/planes_avx2.h"
#include "kernels/x86/x86.h"

/* A line adds to a 16-bit sum at most 4 pairs of 2 * 128: it has room for this many. */
enum { MOST_LINES = 15 };

/* sums[0]: bits 0, 2, 4, 6 of each byte; sums[1]: the others, twice too large. */
static inline __attribute__((always_inline)) void add_half(__m256i sums[2], __m256i half, const int8_t *query) {
    for (int shift = 0; shift < 8; shift += 2) {
        __m256i codes = _mm256_srli_epi16(half, shift);
        __m256i even = _mm256_and_si256(codes, _mm256_set1_epi8(1)), odd = _mm256_and_si256(codes, _mm256_set1_epi8(2));
        sums[0] = _mm256_add_epi16(sums[0], _mm256_maddubs_epi16(even, load_word(query + 4 * shift)));
        sums[1] = _mm256_add_epi16(sums[1], _mm256_maddubs_epi16(odd, load_word(query + 4 * shift + 4)));
    }
}

/* Sums of `count` lines for both halves. */
static inline void add_lines(__m256i total[2], const int8_t *query, const uint8_t *lines, size_t count) {
    __m256i sums[2][2] = {{_mm256_setzero_si256(), _mm256_setzero_si256()},
                          {_mm256_setzero_si256(), _mm256_setzero_si256()}};
    for (size_t i = 0; i < count; i++)
        for (size_t h = 0; h < 2; h++)
            add_half(sums[h], load_half(lines + i * MINNOW_PLANE_LINE + h * HALF_BYTES),
                     query + i * MINNOW_PLANE_COLUMNS);
    for (size_t h = 0; h < 2; h++) {
        __m256i odd = _mm256_srai_epi32(widen_sums(sums[h][1]), 1);
        total[h] = _mm256_add_epi32(total[h], _mm256_add_epi32(widen_sums(sums[h][0]), odd));
    }
}

void minnow_dots_u1_avx2(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    for (size_t g = 0; g < groups; g++) {
        __m256i total[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        const uint8_t *lines = plane + g * blocks * MINNOW_PLANE_LINE;
        for (size_t b = 0; b < blocks; b += MOST_LINES)
            add_lines(total, query + b * MINNOW_PLANE_COLUMNS, lines + b * MINNOW_PLANE_LINE,
                      blocks - b < MOST_LINES ? blocks - b : MOST_LINES);
        for (size_t h = 0; h < 2; h++) refine_half(out + g * MINNOW_PLANE_VECTORS + h * HALF_VECTORS, 1, total[h]);
    }
}
