#include <math.h>

#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

/* Eight columns of `in`, `count` of which exist. */
struct columns {
    const float *in;
    size_t stride, rows, count;
};

static __m256 highest_in_columns(const struct columns *columns) {
    __m256 highest = _mm256_setzero_ps(), sign = _mm256_set1_ps(-0.0f);
    for (size_t r = 0; r < columns->rows; r++) {
        __m256 x = load_eight(columns->in + r * columns->stride, columns->count);
        highest = _mm256_max_ps(_mm256_andnot_ps(sign, x), highest);
    }
    return highest;
}

/* 127 / highest, zero where that is not finite. */
static __m256 inverse_of(__m256 highest) {
    __m256 inverse = _mm256_div_ps(_mm256_set1_ps(127.0f), highest);
    return _mm256_and_ps(inverse, _mm256_cmp_ps(inverse, _mm256_set1_ps(INFINITY), _CMP_LT_OQ));
}

/* A row's eight numbers as integers in [-127, 127]; zeros beyond the last row and column. */
static inline __m256i quantize_row(const struct columns *columns, size_t r, __m256 inverse) {
    if (r >= columns->rows) return _mm256_setzero_si256();
    __m256 x = load_eight(columns->in + r * columns->stride, columns->count);
    __m256i q = _mm256_cvtps_epi32(_mm256_mul_ps(x, inverse)); /* NaN: the least integer */
    return _mm256_max_epi32(q, _mm256_set1_epi32(-127));
}

/* Four rows become the four bytes of each column. */
static inline __m256i interleave(const __m256i q[4]) {
    const __m256i low = _mm256_set1_epi32(0xFF);
    __m256i even = _mm256_or_si256(_mm256_and_si256(q[0], low), _mm256_slli_epi32(_mm256_and_si256(q[1], low), 8));
    __m256i odd = _mm256_or_si256(_mm256_and_si256(q[2], low), _mm256_slli_epi32(q[3], 8));
    return _mm256_or_si256(even, _mm256_slli_epi32(odd, 16));
}

/* Half of a block of sixteen outputs. */
static __m256i pack_eight(const struct columns *columns, size_t padded_rows, __m256 inverse, int8_t *packed) {
    __m256i sums = _mm256_setzero_si256();
    for (size_t r = 0; r < padded_rows; r += 4, packed += 64) {
        __m256i q[4];
        for (size_t i = 0; i < 4; i++) {
            q[i] = quantize_row(columns, r + i, inverse);
            sums = _mm256_add_epi32(sums, q[i]);
        }
        _mm256_storeu_si256((__m256i *)(void *)packed, interleave(q));
    }
    return sums;
}

void minnow_pack_columns_avx2(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed, float *scale,
                              int32_t *column_sum) {
    size_t padded_rows = MINNOW_PADDED(rows);
    for (size_t c = 0; c < MINNOW_PADDED(columns); c += 8) {
        struct columns eight = {in, stride, 0, 0};
        if (c < columns) eight = (struct columns){in + c, stride, rows, columns - c};
        int8_t *place = packed + c / 16 * 16 * padded_rows + c % 16 * 4;
        __m256 highest = highest_in_columns(&eight);
        _mm256_storeu_ps(scale + c, _mm256_div_ps(highest, _mm256_set1_ps(127.0f)));
        __m256i sums = pack_eight(&eight, padded_rows, inverse_of(highest), place);
        _mm256_storeu_si256((__m256i *)(void *)(column_sum + c), sums);
    }
}
