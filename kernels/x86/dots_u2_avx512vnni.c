#include "kernels/x86/planes_avx512.h"
#include "kernels/x86/x86.h"

enum { GROUPS = 2, POSITIONS = 4, LINE_COLUMNS = 16 };

/* sums[p] is 4^p times too large. */
static inline void refine(int32_t *out, const __m512i sums[POSITIONS]) {
    __m512i sum = _mm512_slli_epi32(_mm512_loadu_si512(out), 2);
    for (unsigned p = 0; p < POSITIONS; p++) sum = _mm512_add_epi32(sum, _mm512_srai_epi32(sums[p], 2 * p));
    _mm512_storeu_si512(out, sum);
}

static inline __attribute__((always_inline)) void dots(const int8_t *query, const uint8_t *plane, size_t lines,
                                                       int32_t *out, size_t groups) {
    __m512i sums[GROUPS][POSITIONS];
    for (size_t g = 0; g < groups; g++)
        for (int p = 0; p < POSITIONS; p++) sums[g][p] = _mm512_setzero_si512();
    for (size_t i = 0; i < lines; i++) {
        __m512i words[POSITIONS], line;
        for (int p = 0; p < POSITIONS; p++) words[p] = load_word(query + i * LINE_COLUMNS + 4 * p);
        for (size_t g = 0; g < groups; g++) {
            line = load_line(plane + (g * lines + i) * MINNOW_PLANE_LINE);
            for (int p = 0; p < POSITIONS; p++) sums[g][p] = add_codes(sums[g][p], line, 2 * p, 2, words[p]);
        }
    }
    for (size_t g = 0; g < groups; g++) refine(out + g * MINNOW_PLANE_VECTORS, sums[g]);
}

void minnow_dots_u2_avx512vnni(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    size_t lines = 2 * blocks, group = lines * MINNOW_PLANE_LINE, g = 0;
    for (; g + GROUPS <= groups; g += GROUPS)
        dots(query, plane + g * group, lines, out + g * MINNOW_PLANE_VECTORS, GROUPS);
    for (; g < groups; g++) dots(query, plane + g * group, lines, out + g * MINNOW_PLANE_VECTORS, 1);
}
