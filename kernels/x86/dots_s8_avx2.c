#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

enum { VECTORS = 4 };

/* Sixteen numbers, of which `count` may be read, as words: exact for all of -128..127. */
static inline __m256i load_words(const int8_t *x, size_t count) {
    if (count >= 16) return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)x));
    int8_t end[16] = {0};
    memcpy(end, x, count);
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)end));
}

/* The next `width` (at most 16) columns of `count` vectors. */
static inline __attribute__((always_inline)) void add_columns(__m256i sums[VECTORS], const int8_t *query,
                                                              const int8_t *vectors, size_t stride, size_t width,
                                                              size_t count) {
    __m256i q = load_words(query, width);
    for (size_t i = 0; i < count; i++)
        sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(q, load_words(vectors + i * stride, width)));
}

static inline __attribute__((always_inline)) void dots(const int8_t *query, const int8_t *vectors, size_t stride,
                                                       size_t columns, int32_t *out, size_t count) {
    __m256i sums[VECTORS];
    for (size_t i = 0; i < count; i++) sums[i] = _mm256_setzero_si256();
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) add_columns(sums, query + c, vectors + c, stride, 16, count);
    if (c < columns) add_columns(sums, query + c, vectors + c, stride, columns - c, count);
    for (size_t i = 0; i < count; i++) out[i] = sum_eight(sums[i]);
}

void minnow_dots_s8_avx2(const int8_t *query, const int8_t *vectors, size_t stride, size_t count, size_t columns,
                         int32_t *out) {
    size_t i = 0;
    for (; i + VECTORS <= count; i += VECTORS) dots(query, vectors + i * stride, stride, columns, out + i, VECTORS);
    for (; i < count; i++) dots(query, vectors + i * stride, stride, columns, out + i, 1);
}
