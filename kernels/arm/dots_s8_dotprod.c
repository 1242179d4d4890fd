/* One SDOT multiplies and adds sixteen numbers of a vector. */
#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

/* Enough sums side by side that none waits for its own last addition. */
enum { VECTORS = 8 };

/* Sixteen numbers, of which `count` may be read; zeros for the rest. */
static inline int8x16_t load_sixteen(const int8_t *x, size_t count) {
    if (count >= 16) return vld1q_s8(x);
    int8_t end[16] = {0};
    memcpy(end, x, count);
    return vld1q_s8(end);
}

static void dot(const int8_t *query, const int8_t *vector, size_t columns, int32_t *out) {
    int32x4_t sum = vdupq_n_s32(0);
    for (size_t c = 0; c < columns; c += 16)
        sum = vdotq_s32(sum, load_sixteen(query + c, columns - c), load_sixteen(vector + c, columns - c));
    *out = vaddvq_s32(sum);
}

static void eight_dots(const int8_t *query, const int8_t *vectors, size_t stride, size_t columns, int32_t *out) {
    int32x4_t sums[VECTORS];
    size_t c = 0;
    for (size_t i = 0; i < VECTORS; i++) sums[i] = vdupq_n_s32(0);
    for (; c + 16 <= columns; c += 16) {
        int8x16_t q = vld1q_s8(query + c);
        for (size_t i = 0; i < VECTORS; i++) sums[i] = vdotq_s32(sums[i], q, vld1q_s8(vectors + i * stride + c));
    }
    int8x16_t q = load_sixteen(query + c, columns - c);
    for (size_t i = 0; i < VECTORS && c < columns; i++)
        sums[i] = vdotq_s32(sums[i], q, load_sixteen(vectors + i * stride + c, columns - c));
    for (size_t i = 0; i < VECTORS; i++) out[i] = vaddvq_s32(sums[i]);
}

void minnow_dots_s8_dotprod(const int8_t *query, const int8_t *vectors, size_t stride, size_t count, size_t columns,
                            int32_t *out) {
    size_t i = 0;
    for (; i + VECTORS <= count; i += VECTORS) eight_dots(query, vectors + i * stride, stride, columns, out + i);
    for (; i < count; i++) dot(query, vectors + i * stride, columns, out + i);
}
