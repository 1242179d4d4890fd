#include "kernels/x86/planes_avx2.h"
#include "kernels/x86/x86.h"

enum { POSITIONS = 4, HALVES = 2, LINE_COLUMNS = 16 };

/* sums[p] is 4^p times too large. A word is loaded once for both halves. */
static inline __attribute__((always_inline)) void add_line(__m256i sums[HALVES][POSITIONS], const uint8_t *line,
                                                           const int8_t *query) {
    __m256i halves[HALVES] = {load_half(line), load_half(line + HALF_BYTES)};
    for (int p = 0; p < POSITIONS; p++) {
        __m256i mask = _mm256_set1_epi8((char)(3 << 2 * p)), word = load_word(query + 4 * p);
        for (size_t h = 0; h < HALVES; h++)
            sums[h][p] = _mm256_dpbusd_avx_epi32(sums[h][p], _mm256_and_si256(halves[h], mask), word);
    }
}

static inline void refine(int32_t *out, const __m256i sums[POSITIONS]) {
    __m256i sum = sums[0];
    for (int p = 1; p < POSITIONS; p++) sum = _mm256_add_epi32(sum, _mm256_srai_epi32(sums[p], 2 * p));
    refine_half(out, 2, sum);
}

void minnow_dots_u2_avxvnni(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    for (size_t g = 0; g < groups; g++) {
        __m256i sums[HALVES][POSITIONS];
        for (size_t h = 0; h < HALVES; h++)
            for (int p = 0; p < POSITIONS; p++) sums[h][p] = _mm256_setzero_si256();
        const uint8_t *lines = plane + g * 2 * blocks * MINNOW_PLANE_LINE;
        for (size_t i = 0; i < 2 * blocks; i++)
            add_line(sums, lines + i * MINNOW_PLANE_LINE, query + i * LINE_COLUMNS);
        for (size_t h = 0; h < HALVES; h++) refine(out + g * MINNOW_PLANE_VECTORS + h * HALF_VECTORS, sums[h]);
    }
}
