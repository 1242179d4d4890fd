#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

enum { VECTORS = 4 };

/* Sixteen numbers, of which `count` may be read; zeros for the rest. */
static inline int8x16_t load_sixteen(const int8_t *x, size_t count) {
    if (count >= 16) return vld1q_s8(x);
    int8_t end[16] = {0};
    memcpy(end, x, count);
    return vld1q_s8(end);
}

/* One product a word, so that -128 times -128 fits too. */
static inline int32x4_t add_products(int32x4_t sum, int8x16_t a, int8x16_t b) {
    sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    return vpadalq_s16(sum, vmull_high_s8(a, b));
}

/* The next `width` (at most 16) columns of `count` vectors. */
static inline __attribute__((always_inline)) void add_columns(int32x4_t sums[VECTORS], const int8_t *query,
                                                              const int8_t *vectors, size_t stride, size_t width,
                                                              size_t count) {
    int8x16_t q = load_sixteen(query, width);
    for (size_t i = 0; i < count; i++) sums[i] = add_products(sums[i], q, load_sixteen(vectors + i * stride, width));
}

static inline __attribute__((always_inline)) void dots(const int8_t *query, const int8_t *vectors, size_t stride,
                                                       size_t columns, int32_t *out, size_t count) {
    int32x4_t sums[VECTORS];
    for (size_t i = 0; i < count; i++) sums[i] = vdupq_n_s32(0);
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) add_columns(sums, query + c, vectors + c, stride, 16, count);
    if (c < columns) add_columns(sums, query + c, vectors + c, stride, columns - c, count);
    for (size_t i = 0; i < count; i++) out[i] = vaddvq_s32(sums[i]);
}

void minnow_dots_s8_neon(const int8_t *query, const int8_t *vectors, size_t stride, size_t count, size_t columns,
                         int32_t *out) {
    size_t i = 0;
    for (; i + VECTORS <= count; i += VECTORS) dots(query, vectors + i * stride, stride, columns, out + i, VECTORS);
    for (; i < count; i++) dots(query, vectors + i * stride, stride, columns, out + i, 1);
}
