/* VPDPBUSD multiplies unsigned by signed bytes, so the vectors' bytes are flipped to v + 128 and the query's
 * sum, 128 times, is taken off at the end: one exclusive or for each product of 64. */
#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

enum { VECTORS = 8 };

/* 64 bytes, of which `count` may be read; zeros for the rest. */
static inline __m512i load_bytes(const int8_t *x, size_t count) {
    return _mm512_maskz_loadu_epi8(first_bytes(count), x);
}

static inline __m512i add_products(__m512i sums, __m512i vector, __m512i query) {
    return _mm512_dpbusd_epi32(sums, _mm512_xor_si512(vector, _mm512_set1_epi8(-128)), query);
}

/* 128 times the sum of the query, which every sum of products is too large by. */
static int32_t excess(const int8_t *query, size_t columns) {
    __m512i sums = _mm512_setzero_si512();
    for (size_t c = 0; c < columns; c += 64)
        sums = _mm512_dpbusd_epi32(sums, _mm512_set1_epi8(-128), load_bytes(query + c, columns - c));
    return _mm512_reduce_add_epi32(sums);
}

static inline __attribute__((always_inline)) void add_columns(__m512i sums[VECTORS], const int8_t *query,
                                                              const int8_t *vectors, size_t stride, size_t width,
                                                              size_t count) {
    __m512i q = load_bytes(query, width);
    for (size_t i = 0; i < count; i++) sums[i] = add_products(sums[i], load_bytes(vectors + i * stride, width), q);
}

static inline __attribute__((always_inline)) void dots(const int8_t *query, const int8_t *vectors, size_t stride,
                                                       size_t columns, int32_t excess, int32_t *out, size_t count) {
    __m512i sums[VECTORS];
    for (size_t i = 0; i < count; i++) sums[i] = _mm512_setzero_si512();
    size_t c = 0;
    for (; c + 64 <= columns; c += 64) add_columns(sums, query + c, vectors + c, stride, 64, count);
    if (c < columns) add_columns(sums, query + c, vectors + c, stride, columns - c, count);
    for (size_t i = 0; i < count; i++)
        out[i] = (int32_t)((uint32_t)_mm512_reduce_add_epi32(sums[i]) - (uint32_t)excess);
}

void minnow_dots_s8_avx512vnni(const int8_t *query, const int8_t *vectors, size_t stride, size_t count, size_t columns,
                               int32_t *out) {
    int32_t too_large = excess(query, columns);
    size_t i = 0;
    for (; i + VECTORS <= count; i += VECTORS)
        dots(query, vectors + i * stride, stride, columns, too_large, out + i, VECTORS);
    for (; i < count; i++) dots(query, vectors + i * stride, stride, columns, too_large, out + i, 1);
}
