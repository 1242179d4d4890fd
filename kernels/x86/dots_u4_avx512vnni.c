#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

enum { ROWS = 4 };

/* Four blocks of 32 columns: 64 bytes of a row. `low` and `high` are the query's columns 0..15 and 16..31 of each. */
static inline void split_query(const int8_t *query, size_t bytes, __m512i *low, __m512i *high) {
    __m512i first = _mm512_maskz_loadu_epi8(first_bytes(2 * bytes), query);
    __m512i second = _mm512_maskz_loadu_epi8(first_bytes(bytes > 32 ? 2 * bytes - 64 : 0), query + 64);
    *low = _mm512_shuffle_i64x2(first, second, _MM_SHUFFLE(2, 0, 2, 0));
    *high = _mm512_shuffle_i64x2(first, second, _MM_SHUFFLE(3, 1, 3, 1));
}

static inline __attribute__((always_inline)) void dots(const int8_t *query, const uint8_t *rows, size_t row_bytes,
                                                       const uint32_t *indices, int32_t *out, size_t count) {
    __m512i sums[ROWS], low, high, nibble = _mm512_set1_epi8(15);
    for (size_t i = 0; i < count; i++) sums[i] = _mm512_setzero_si512();
    for (size_t c = 0; c < row_bytes; c += 64) {
        split_query(query + 2 * c, row_bytes - c, &low, &high);
        for (size_t i = 0; i < count; i++) {
            const uint8_t *bytes = rows + (size_t)indices[i] * row_bytes + c;
            __m512i x = _mm512_maskz_loadu_epi8(first_bytes(row_bytes - c), bytes);
            sums[i] = _mm512_dpbusd_epi32(sums[i], _mm512_and_si512(x, nibble), low);
            x = _mm512_and_si512(_mm512_srli_epi16(x, 4), nibble);
            sums[i] = _mm512_dpbusd_epi32(sums[i], x, high);
        }
    }
    for (size_t i = 0; i < count; i++) out[i] = _mm512_reduce_add_epi32(sums[i]);
}

void minnow_dots_u4_avx512vnni(const int8_t *query, const uint8_t *rows, size_t blocks, const uint32_t *indices,
                               size_t count, int32_t *out) {
    size_t i = 0;
    for (; i + ROWS <= count; i += ROWS) dots(query, rows, 16 * blocks, indices + i, out + i, ROWS);
    for (; i < count; i++) dots(query, rows, 16 * blocks, indices + i, out + i, 1);
}
