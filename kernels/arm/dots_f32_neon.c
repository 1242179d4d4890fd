#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

/* Several vectors at a time: one alone would wait for its own sums. */
enum { VECTORS = 4 };

static inline __attribute__((always_inline)) void dots(const float *query, const float *vectors, size_t stride,
                                                       size_t columns, float *out, size_t count) {
    struct lanes sums[VECTORS];
    for (size_t i = 0; i < count; i++) sums[i] = zero_lanes();
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes q = load_lanes(query + c, columns - c);
        for (size_t i = 0; i < count; i++)
            sums[i] = fused_multiply_add_lanes(q, load_lanes(vectors + i * stride + c, columns - c), sums[i]);
    }
    for (size_t i = 0; i < count; i++) out[i] = sum_lanes(sums[i]);
}

void minnow_dots_f32_neon(const float *query, const float *vectors, size_t stride, size_t count, size_t columns,
                          float *out) {
    size_t i = 0;
    for (; i + VECTORS <= count; i += VECTORS) dots(query, vectors + i * stride, stride, columns, out + i, VECTORS);
    for (; i < count; i++) dots(query, vectors + i * stride, stride, columns, out + i, 1);
}
