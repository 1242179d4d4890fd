#include <math.h>

#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

/* Rows side by side: one alone would wait for its own sums. */
enum { ROWS = 4 };

struct rows {
    const float *in, *residual; /* residual may be NULL */
    float *out;
    size_t stride, columns;
    const float *gamma, *beta;
};

/* Each of the three passes is a function for at most sixteen columns from c on. */
#define INLINE static inline __attribute__((always_inline))

/* Leaves in + residual in out and adds it to the sums. */
INLINE void add_up(const struct rows *rows, size_t count, size_t c, size_t width, struct lanes sums[ROWS]) {
    for (size_t r = 0; r < count; r++) {
        size_t at = r * rows->stride + c;
        struct lanes v = load_lanes(rows->in + at, width);
        if (rows->residual) v = add_lanes(v, load_lanes(rows->residual + at, width));
        sums[r] = add_lanes(sums[r], v);
        store_lanes(rows->out + at, v, width);
    }
}

INLINE struct lanes centred(const struct rows *rows, size_t r, size_t c, size_t width, float mean) {
    struct lanes v = load_lanes(rows->out + r * rows->stride + c, width);
    __m256 middle = _mm256_set1_ps(mean);
    return keep_lanes((struct lanes){_mm256_sub_ps(v.low, middle), _mm256_sub_ps(v.high, middle)}, width);
}

INLINE void add_squares(const struct rows *rows, size_t count, size_t c, size_t width, const float mean[ROWS],
                        struct lanes squares[ROWS]) {
    for (size_t r = 0; r < count; r++) {
        struct lanes v = centred(rows, r, c, width, mean[r]);
        squares[r] = fused_multiply_add_lanes(v, v, squares[r]);
    }
}

INLINE void finish(const struct rows *rows, size_t count, size_t c, size_t width, const float mean[ROWS],
                   const float inverse[ROWS]) {
    struct lanes gamma = load_lanes(rows->gamma + c, width), beta = load_lanes(rows->beta + c, width);
    for (size_t r = 0; r < count; r++) {
        struct lanes v = centred(rows, r, c, width, mean[r]);
        __m256 factor = _mm256_set1_ps(inverse[r]);
        v = (struct lanes){_mm256_mul_ps(v.low, factor), _mm256_mul_ps(v.high, factor)};
        store_lanes(rows->out + r * rows->stride + c, fused_multiply_add_lanes(v, gamma, beta), width);
    }
}

INLINE void find_means(const struct rows *rows, size_t count, float mean[ROWS]) {
    struct lanes sums[ROWS] = {zero_lanes(), zero_lanes(), zero_lanes(), zero_lanes()};
    size_t c = 0;
    for (; c + 16 <= rows->columns; c += 16) add_up(rows, count, c, 16, sums);
    if (c < rows->columns) add_up(rows, count, c, rows->columns - c, sums);
    for (size_t r = 0; r < count; r++) mean[r] = sum_lanes(sums[r]) / (float)rows->columns;
}

INLINE void find_inverses(const struct rows *rows, size_t count, const float mean[ROWS], float epsilon,
                          float inverse[ROWS]) {
    struct lanes squares[ROWS] = {zero_lanes(), zero_lanes(), zero_lanes(), zero_lanes()};
    size_t c = 0;
    for (; c + 16 <= rows->columns; c += 16) add_squares(rows, count, c, 16, mean, squares);
    if (c < rows->columns) add_squares(rows, count, c, rows->columns - c, mean, squares);
    for (size_t r = 0; r < count; r++)
        inverse[r] = 1.0f / sqrtf(sum_lanes(squares[r]) / (float)rows->columns + epsilon);
}

INLINE void layer_norm(const struct rows *rows, size_t count, float epsilon) {
    float mean[ROWS], inverse[ROWS];
    find_means(rows, count, mean);
    find_inverses(rows, count, mean, epsilon, inverse);
    size_t c = 0;
    for (; c + 16 <= rows->columns; c += 16) finish(rows, count, c, 16, mean, inverse);
    if (c < rows->columns) finish(rows, count, c, rows->columns - c, mean, inverse);
}

void minnow_layer_norm_rows_avx2(const float *in, const float *residual, size_t stride, size_t rows, size_t columns,
                                 const float *gamma, const float *beta, float epsilon, float *out) {
    struct rows some = {in, residual, out, stride, columns, gamma, beta};
    size_t count;
    for (size_t r = 0; r < rows; r += count) {
        size_t at = r * stride;
        some.in = in + at, some.out = out + at, some.residual = residual ? residual + at : NULL;
        count = rows - r >= ROWS ? ROWS : 1;
        if (count == ROWS)
            layer_norm(&some, ROWS, epsilon);
        else
            layer_norm(&some, 1, epsilon);
    }
}
