#include <math.h>

#include "kernels/x86/lanes_avx512.h"
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
INLINE void add_up(const struct rows *rows, size_t count, size_t c, size_t width, __m512 sums[ROWS]) {
    for (size_t r = 0; r < count; r++) {
        size_t at = r * rows->stride + c;
        __m512 v = load_lanes(rows->in + at, width);
        if (rows->residual) v = _mm512_add_ps(v, load_lanes(rows->residual + at, width));
        sums[r] = _mm512_add_ps(sums[r], v);
        store_lanes(rows->out + at, v, width);
    }
}

INLINE __m512 centred(const struct rows *rows, size_t r, size_t c, size_t width, float mean) {
    __m512 v = load_lanes(rows->out + r * rows->stride + c, width);
    return _mm512_maskz_sub_ps(first_lanes(width), v, _mm512_set1_ps(mean));
}

INLINE void add_squares(const struct rows *rows, size_t count, size_t c, size_t width, const float mean[ROWS],
                        __m512 squares[ROWS]) {
    for (size_t r = 0; r < count; r++) {
        __m512 v = centred(rows, r, c, width, mean[r]);
        squares[r] = _mm512_fmadd_ps(v, v, squares[r]);
    }
}

INLINE void finish(const struct rows *rows, size_t count, size_t c, size_t width, const float mean[ROWS],
                   const float inverse[ROWS]) {
    __m512 gamma = load_lanes(rows->gamma + c, width), beta = load_lanes(rows->beta + c, width);
    for (size_t r = 0; r < count; r++) {
        __m512 v = _mm512_mul_ps(centred(rows, r, c, width, mean[r]), _mm512_set1_ps(inverse[r]));
        store_lanes(rows->out + r * rows->stride + c, _mm512_fmadd_ps(v, gamma, beta), width);
    }
}

INLINE void find_means(const struct rows *rows, size_t count, float mean[ROWS]) {
    __m512 sums[ROWS];
    size_t c = 0;
    for (size_t r = 0; r < count; r++) sums[r] = _mm512_setzero_ps();
    for (; c + 16 <= rows->columns; c += 16) add_up(rows, count, c, 16, sums);
    if (c < rows->columns) add_up(rows, count, c, rows->columns - c, sums);
    for (size_t r = 0; r < count; r++) mean[r] = sum_lanes(sums[r]) / (float)rows->columns;
}

/* What the next rows will be added up from comes nearer. */
INLINE void fetch_next(const struct rows *rows, size_t count, size_t c) {
    for (size_t r = 0; r < count; r++) {
        size_t at = (count + r) * rows->stride + c;
        _mm_prefetch((const char *)(rows->in + at), _MM_HINT_T0);
        if (rows->residual) _mm_prefetch((const char *)(rows->residual + at), _MM_HINT_T0);
    }
}

INLINE void find_inverses(const struct rows *rows, size_t count, const float mean[ROWS], float epsilon,
                          float inverse[ROWS]) {
    __m512 squares[ROWS];
    size_t c = 0;
    for (size_t r = 0; r < count; r++) squares[r] = _mm512_setzero_ps();
    for (; c + 16 <= rows->columns; c += 16) {
        add_squares(rows, count, c, 16, mean, squares);
        fetch_next(rows, count, c);
    }
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

void minnow_layer_norm_rows_avx512vnni(const float *in, const float *residual, size_t stride, size_t rows,
                                       size_t columns, const float *gamma, const float *beta, float epsilon,
                                       float *out) {
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
