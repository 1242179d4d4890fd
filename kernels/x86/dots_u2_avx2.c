#include "kernels/x86/planes_avx2.h"
#include "kernels/x86/x86.h"

/* A line adds to a 16-bit sum at most 4 pairs of 2 * 3 * 128: it has room for this many. */
enum { MOST_LINES = 10, LINE_COLUMNS = 16 };

static inline __attribute__((always_inline)) __m256i add_half(__m256i sum, __m256i half, const int8_t *query) {
    for (int shift = 0; shift < 8; shift += 2) {
        __m256i codes = _mm256_and_si256(_mm256_srli_epi16(half, shift), _mm256_set1_epi8(3));
        sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(codes, load_word(query + 2 * shift)));
    }
    return sum;
}

/* Sums of `count` lines for both halves. */
static inline void add_lines(__m256i total[2], const int8_t *query, const uint8_t *lines, size_t count) {
    __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (size_t i = 0; i < count; i++)
        for (size_t h = 0; h < 2; h++)
            sums[h] = add_half(sums[h], load_half(lines + i * MINNOW_PLANE_LINE + h * HALF_BYTES),
                               query + i * LINE_COLUMNS);
    for (size_t h = 0; h < 2; h++) total[h] = _mm256_add_epi32(total[h], widen_sums(sums[h]));
}

void minnow_dots_u2_avx2(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    size_t count = 2 * blocks;
    for (size_t g = 0; g < groups; g++) {
        __m256i total[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        const uint8_t *lines = plane + g * count * MINNOW_PLANE_LINE;
        for (size_t i = 0; i < count; i += MOST_LINES)
            add_lines(total, query + i * LINE_COLUMNS, lines + i * MINNOW_PLANE_LINE,
                      count - i < MOST_LINES ? count - i : MOST_LINES);
        for (size_t h = 0; h < 2; h++) refine_half(out + g * MINNOW_PLANE_VECTORS + h * HALF_VECTORS, 2, total[h]);
    }
}
