#include "kernels/x86/planes_avx512.h"
#include "kernels/x86/x86.h"

enum { GROUPS = 2, POSITIONS = 4 };

/* Bits 0 to 3 of each byte, then 4 to 7: sums[p] is 2^p times too large. */
static inline void add_line(__m512i sums[POSITIONS], __m512i line, const __m512i words[8]) {
    __m512i high = _mm512_srli_epi16(line, 4);
    for (int p = 0; p < POSITIONS; p++) {
        sums[p] = add_codes(sums[p], line, p, 1, words[p]);
        sums[p] = add_codes(sums[p], high, p, 1, words[p + 4]);
    }
}

static inline void refine(int32_t *out, const __m512i sums[POSITIONS]) {
    __m512i sum = _mm512_slli_epi32(_mm512_loadu_si512(out), 1);
    for (unsigned p = 0; p < POSITIONS; p++) sum = _mm512_add_epi32(sum, _mm512_srai_epi32(sums[p], p));
    _mm512_storeu_si512(out, sum);
}

static inline __attribute__((always_inline)) void dots(const int8_t *query, const uint8_t *plane, size_t blocks,
                                                       int32_t *out, size_t groups) {
    __m512i sums[GROUPS][POSITIONS];
    for (size_t g = 0; g < groups; g++)
        for (int p = 0; p < POSITIONS; p++) sums[g][p] = _mm512_setzero_si512();
    for (size_t b = 0; b < blocks; b++) {
        __m512i words[8];
        for (size_t j = 0; j < 8; j++) words[j] = load_word(query + b * MINNOW_PLANE_COLUMNS + 4 * j);
        for (size_t g = 0; g < groups; g++)
            add_line(sums[g], load_line(plane + (g * blocks + b) * MINNOW_PLANE_LINE), words);
    }
    for (size_t g = 0; g < groups; g++) refine(out + g * MINNOW_PLANE_VECTORS, sums[g]);
}

void minnow_dots_u1_avx512vnni(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    size_t group = blocks * MINNOW_PLANE_LINE, g = 0;
    for (; g + GROUPS <= groups; g += GROUPS)
        dots(query, plane + g * group, blocks, out + g * MINNOW_PLANE_VECTORS, GROUPS);
    for (; g < groups; g++) dots(query, plane + g * group, blocks, out + g * MINNOW_PLANE_VECTORS, 1);
}
