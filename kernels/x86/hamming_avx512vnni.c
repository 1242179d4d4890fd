#include "kernels/x86/planes_avx512.h"
#include "kernels/x86/x86.h"

enum { GROUPS = 4 };

/* The ones of each byte, by a table of half bytes: VPOPCNT came later than this tier. */
static inline __m512i count_ones(__m512i x) {
    __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    __m512i half = _mm512_set1_epi8(15);
    __m512i low = _mm512_shuffle_epi8(table, _mm512_and_si512(x, half));
    return _mm512_add_epi8(low, _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(x, 4), half)));
}

static inline __attribute__((always_inline)) void distances(const uint8_t *query, const uint8_t *plane, size_t blocks,
                                                            int32_t *out, size_t groups) {
    __m512i sums[GROUPS], one = _mm512_set1_epi8(1);
    for (size_t g = 0; g < groups; g++) sums[g] = _mm512_setzero_si512();
    for (size_t b = 0; b < blocks; b++) {
        __m512i word = load_word((const int8_t *)query + 4 * b);
        for (size_t g = 0; g < groups; g++) {
            __m512i line = load_line(plane + (g * blocks + b) * MINNOW_PLANE_LINE);
            sums[g] = _mm512_dpbusd_epi32(sums[g], count_ones(_mm512_xor_si512(line, word)), one);
        }
    }
    for (size_t g = 0; g < groups; g++) _mm512_storeu_si512(out + g * MINNOW_PLANE_VECTORS, sums[g]);
}

void minnow_hamming_avx512vnni(const uint8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    size_t group = blocks * MINNOW_PLANE_LINE, g = 0;
    for (; g + GROUPS <= groups; g += GROUPS)
        distances(query, plane + g * group, blocks, out + g * MINNOW_PLANE_VECTORS, GROUPS);
    for (; g < groups; g++) distances(query, plane + g * group, blocks, out + g * MINNOW_PLANE_VECTORS, 1);
}
