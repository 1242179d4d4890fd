#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

/* Several vectors at a time: one alone would wait for its own sums. */
enum { VECTORS = 8 };

static inline __attribute__((always_inline)) void add_columns(__m512 sums[VECTORS], const float *query,
                                                              const float *vectors, size_t stride, size_t width,
                                                              size_t count) {
    __m512 q = load_lanes(query, width);
    for (size_t i = 0; i < count; i++) sums[i] = _mm512_fmadd_ps(q, load_lanes(vectors + i * stride, width), sums[i]);
}

static inline __attribute__((always_inline)) void dots(const float *query, const float *vectors, size_t stride,
                                                       size_t columns, float *out, size_t count) {
    __m512 sums[VECTORS];
    for (size_t i = 0; i < count; i++) sums[i] = _mm512_setzero_ps();
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) add_columns(sums, query + c, vectors + c, stride, 16, count);
    if (c < columns) add_columns(sums, query + c, vectors + c, stride, columns - c, count);
    for (size_t i = 0; i < count; i++) out[i] = sum_lanes(sums[i]);
}

void minnow_dots_f32_avx512vnni(const float *query, const float *vectors, size_t stride, size_t count, size_t columns,
                                float *out) {
    size_t i = 0;
    for (; i + VECTORS <= count; i += VECTORS) dots(query, vectors + i * stride, stride, columns, out + i, VECTORS);
    for (; i < count; i++) dots(query, vectors + i * stride, stride, columns, out + i, 1);
}
