/* Sixteen rows become sixteen outputs of a block. */
#include <math.h>

#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

enum { BLOCK_ROWS = 16 };

/* Sixteen rows of `in`, `count` of which exist. */
struct rows {
    const float *in;
    size_t stride, count, columns;
    float inverse[BLOCK_ROWS];
};

static inline __m512 highest_in_row(const float *x, size_t columns) {
    __m512 highest = _mm512_setzero_ps();
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) highest = _mm512_max_ps(_mm512_abs_ps(_mm512_loadu_ps(x + c)), highest);
    if (c == columns) return highest;
    return _mm512_max_ps(_mm512_abs_ps(load_lanes(x + c, columns - c)), highest);
}

/* 127 / highest, zero where that is not finite. */
static void choose_scales(struct rows *rows, float *scale) {
    __m512 highest[BLOCK_ROWS];
    for (size_t r = 0; r < BLOCK_ROWS; r++)
        highest[r] = r < rows->count ? highest_in_row(rows->in + r * rows->stride, rows->columns) : _mm512_setzero_ps();
    __m512 of_each = highest_of_each(highest), inverse = _mm512_div_ps(_mm512_set1_ps(127.0f), of_each);
    inverse = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(inverse, _mm512_set1_ps(INFINITY), _CMP_LT_OQ), inverse);
    _mm512_storeu_ps(scale, _mm512_div_ps(of_each, _mm512_set1_ps(127.0f)));
    _mm512_storeu_ps(rows->inverse, inverse);
}

/* Sixteen columns of a row as integers; zeros beyond the last row and column. */
static inline __m512i quantize_sixteen(const struct rows *rows, size_t r, size_t c) {
    if (r >= rows->count) return _mm512_setzero_si512();
    __mmask16 kept = first_lanes(rows->columns - c);
    __m512 x = _mm512_maskz_loadu_ps(kept, rows->in + r * rows->stride + c);
    return _mm512_maskz_cvtps_epi32(kept, _mm512_mul_ps(x, _mm512_set1_ps(rows->inverse[r])));
}

/* Four rows: each quarter has four columns of all of them. NaN saturates to -128, which is raised to -127. */
static inline __m512i quantize_four(const struct rows *rows, size_t r, size_t c) {
    __m512i first = _mm512_packs_epi32(quantize_sixteen(rows, r, c), quantize_sixteen(rows, r + 1, c));
    __m512i second = _mm512_packs_epi32(quantize_sixteen(rows, r + 2, c), quantize_sixteen(rows, r + 3, c));
    return _mm512_max_epi8(_mm512_packs_epi16(first, second), _mm512_set1_epi8(-127));
}

static inline __m512i store_block(int8_t *packed, __m512i block, __m512i sums) {
    _mm512_storeu_si512(packed, block);
    return _mm512_dpbusd_epi32(sums, _mm512_set1_epi8(1), block);
}

/* Four blocks, of four columns each; returns the sums with theirs added. */
static inline __m512i pack_sixteen(const struct rows *rows, size_t c, int8_t *packed, __m512i sums) {
    __m512i a = quantize_four(rows, 0, c), b = quantize_four(rows, 4, c);
    __m512i d = quantize_four(rows, 8, c), e = quantize_four(rows, 12, c);
    __m512i ab = _mm512_shuffle_i32x4(a, b, _MM_SHUFFLE(1, 0, 1, 0));
    __m512i de = _mm512_shuffle_i32x4(d, e, _MM_SHUFFLE(1, 0, 1, 0));
    sums = store_block(packed, _mm512_shuffle_i32x4(ab, de, _MM_SHUFFLE(2, 0, 2, 0)), sums);
    sums = store_block(packed + 64, _mm512_shuffle_i32x4(ab, de, _MM_SHUFFLE(3, 1, 3, 1)), sums);
    ab = _mm512_shuffle_i32x4(a, b, _MM_SHUFFLE(3, 2, 3, 2));
    de = _mm512_shuffle_i32x4(d, e, _MM_SHUFFLE(3, 2, 3, 2));
    sums = store_block(packed + 128, _mm512_shuffle_i32x4(ab, de, _MM_SHUFFLE(2, 0, 2, 0)), sums);
    return store_block(packed + 192, _mm512_shuffle_i32x4(ab, de, _MM_SHUFFLE(3, 1, 3, 1)), sums);
}

void minnow_pack_rows_avx512vnni(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed,
                                 float *scale, int32_t *column_sum) {
    for (size_t r = 0; r < rows; r += BLOCK_ROWS) {
        struct rows sixteen = {.in = in + r * stride, .stride = stride, .count = rows - r, .columns = columns};
        choose_scales(&sixteen, scale + r);
        __m512i sums = _mm512_setzero_si512();
        for (size_t c = 0; c < columns; c += 16, packed += 256) sums = pack_sixteen(&sixteen, c, packed, sums);
        _mm512_storeu_si512(column_sum + r, sums);
    }
}
