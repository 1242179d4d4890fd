/* VPDPBUSD multiplies unsigned by signed bytes, so the vectors' bytes are flipped to v + 128 and the query's
 * sum, 128 times, is taken off at the end: one exclusive or for each product of 32. */
#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

enum { VECTORS = 8 };

static inline __m256i load_bytes(const int8_t *x) { return _mm256_loadu_si256((const __m256i *)(const void *)x); }

/* 32 bytes, of which `count` may be read; zeros for the rest. */
static inline __m256i load_end(const int8_t *x, size_t count) {
    int8_t end[32] = {0};
    memcpy(end, x, count);
    return load_bytes(end);
}

static inline __m256i add_products(__m256i sums, __m256i vector, __m256i query) {
    return _mm256_dpbusd_avx_epi32(sums, _mm256_xor_si256(vector, _mm256_set1_epi8(-128)), query);
}

/* 128 times the sum of the query, which every sum of products is too large by. */
static int32_t excess(const int8_t *query, size_t columns) {
    __m256i sums = _mm256_setzero_si256(), factor = _mm256_set1_epi8(-128);
    size_t c = 0;
    for (; c + 32 <= columns; c += 32) sums = _mm256_dpbusd_avx_epi32(sums, factor, load_bytes(query + c));
    if (c < columns) sums = _mm256_dpbusd_avx_epi32(sums, factor, load_end(query + c, columns - c));
    return sum_eight(sums);
}

static inline __attribute__((always_inline)) void dots(const int8_t *query, const int8_t *vectors, size_t stride,
                                                       size_t columns, int32_t excess, int32_t *out, size_t count) {
    __m256i sums[VECTORS];
    for (size_t i = 0; i < count; i++) sums[i] = _mm256_setzero_si256();
    size_t c = 0;
    for (; c + 32 <= columns; c += 32) {
        __m256i q = load_bytes(query + c);
        for (size_t i = 0; i < count; i++) sums[i] = add_products(sums[i], load_bytes(vectors + i * stride + c), q);
    }
    if (c < columns) {
        __m256i q = load_end(query + c, columns - c);
        for (size_t i = 0; i < count; i++)
            sums[i] = add_products(sums[i], load_end(vectors + i * stride + c, columns - c), q);
    }
    for (size_t i = 0; i < count; i++) out[i] = (int32_t)((uint32_t)sum_eight(sums[i]) - (uint32_t)excess);
}

void minnow_dots_s8_avxvnni(const int8_t *query, const int8_t *vectors, size_t stride, size_t count, size_t columns,
                            int32_t *out) {
    int32_t too_large = excess(query, columns);
    size_t i = 0;
    for (; i + VECTORS <= count; i += VECTORS)
        dots(query, vectors + i * stride, stride, columns, too_large, out + i, VECTORS);
    for (; i < count; i++) dots(query, vectors + i * stride, stride, columns, too_large, out + i, 1);
}
