#include <math.h>
#include <string.h>

#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

/* Sixteen columns of `in`, `kept` of which exist. */
struct columns {
    const float *in;
    size_t stride, rows;
    __mmask16 kept;
};

static __m512 highest_in_columns(const struct columns *columns) {
    __m512 highest = _mm512_setzero_ps();
    for (size_t r = 0; r < columns->rows; r++) {
        __m512 x = _mm512_maskz_loadu_ps(columns->kept, columns->in + r * columns->stride);
        highest = _mm512_max_ps(_mm512_abs_ps(x), highest);
    }
    return highest;
}

/* 127 / highest, zero where that is not finite. */
static __m512 inverse_of(__m512 highest) {
    __m512 inverse = _mm512_div_ps(_mm512_set1_ps(127.0f), highest);
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(inverse, _mm512_set1_ps(INFINITY), _CMP_LT_OQ), inverse);
}

/* A row's sixteen numbers as integers in [-127, 127]; zeros beyond the last row and column. */
static inline __m512i quantize_row(const struct columns *columns, size_t r, __m512 inverse) {
    if (r >= columns->rows) return _mm512_setzero_si512();
    __m512 x = _mm512_maskz_loadu_ps(columns->kept, columns->in + r * columns->stride);
    __m512i q = _mm512_maskz_cvtps_epi32(columns->kept, _mm512_mul_ps(x, inverse)); /* NaN: the least integer */
    return _mm512_max_epi32(q, _mm512_set1_epi32(-127));
}

/* Four rows become the four bytes of each column. */
static inline __m512i interleave(const __m512i q[4]) {
    const __m512i low = _mm512_set1_epi32(0xFF);
    __m512i even = _mm512_or_si512(_mm512_and_si512(q[0], low), _mm512_slli_epi32(_mm512_and_si512(q[1], low), 8));
    __m512i odd = _mm512_or_si512(_mm512_and_si512(q[2], low), _mm512_slli_epi32(q[3], 8));
    return _mm512_or_si512(even, _mm512_slli_epi32(odd, 16));
}

static __m512i pack_sixteen(const struct columns *columns, __m512 inverse, int8_t *packed) {
    __m512i sums = _mm512_setzero_si512();
    for (size_t r = 0; r < MINNOW_PADDED(columns->rows); r += 4, packed += 64) {
        __m512i q[4];
        for (size_t i = 0; i < 4; i++) {
            q[i] = quantize_row(columns, r + i, inverse);
            sums = _mm512_add_epi32(sums, q[i]);
        }
        _mm512_storeu_si512(packed, interleave(q));
    }
    return sums;
}

void minnow_pack_columns_avx512vnni(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed,
                                    float *scale, int32_t *column_sum) {
    for (size_t c = 0; c < columns; c += 16) {
        struct columns sixteen = {in + c, stride, rows, first_lanes(columns - c)};
        __m512 highest = highest_in_columns(&sixteen);
        _mm512_storeu_ps(scale + c, _mm512_div_ps(highest, _mm512_set1_ps(127.0f)));
        __m512i sums = pack_sixteen(&sixteen, inverse_of(highest), packed + c * MINNOW_PADDED(rows));
        _mm512_storeu_si512(column_sum + c, sums);
    }
}
