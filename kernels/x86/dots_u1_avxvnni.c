#include "kernels/x86/planes_avx2.h"
#include "kernels/x86/x86.h"

enum { POSITIONS = 4, HALVES = 2 };

/* Bits 0 to 3 of each byte, then 4 to 7: sums[p] is 2^p times too large. A word is loaded once for both halves. */
static inline __attribute__((always_inline)) void add_line(__m256i sums[HALVES][POSITIONS], const uint8_t *line,
                                                           const int8_t *query) {
    __m256i low[HALVES], high[HALVES];
    for (size_t h = 0; h < HALVES; h++) low[h] = load_half(line + h * HALF_BYTES);
    for (size_t h = 0; h < HALVES; h++) high[h] = _mm256_srli_epi16(low[h], 4);
    for (int p = 0; p < POSITIONS; p++) {
        __m256i mask = _mm256_set1_epi8((char)(1 << p)), first = load_word(query + 4 * p);
        __m256i second = load_word(query + 4 * p + 16);
        for (size_t h = 0; h < HALVES; h++) {
            sums[h][p] = _mm256_dpbusd_avx_epi32(sums[h][p], _mm256_and_si256(low[h], mask), first);
            sums[h][p] = _mm256_dpbusd_avx_epi32(sums[h][p], _mm256_and_si256(high[h], mask), second);
        }
    }
}

static inline void refine(int32_t *out, const __m256i sums[POSITIONS]) {
    __m256i sum = sums[0];
    for (int p = 1; p < POSITIONS; p++) sum = _mm256_add_epi32(sum, _mm256_srai_epi32(sums[p], p));
    refine_half(out, 1, sum);
}

void minnow_dots_u1_avxvnni(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    for (size_t g = 0; g < groups; g++) {
        __m256i sums[HALVES][POSITIONS];
        for (size_t h = 0; h < HALVES; h++)
            for (int p = 0; p < POSITIONS; p++) sums[h][p] = _mm256_setzero_si256();
        const uint8_t *lines = plane + g * blocks * MINNOW_PLANE_LINE;
        for (size_t b = 0; b < blocks; b++)
            add_line(sums, lines + b * MINNOW_PLANE_LINE, query + b * MINNOW_PLANE_COLUMNS);
        for (size_t h = 0; h < HALVES; h++) refine(out + g * MINNOW_PLANE_VECTORS + h * HALF_VECTORS, sums[h]);
    }
}
