#include <math.h>
#include <string.h>

#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

static float highest_in_row(const float *x, size_t columns) {
    __m512 highest = _mm512_setzero_ps();
    for (size_t c = 0; c < columns; c += 16)
        highest = _mm512_max_ps(_mm512_abs_ps(load_lanes(x + c, columns - c)), highest);
    return _mm512_reduce_max_ps(highest);
}

/* Sixteen inputs of one output: four blocks, each with four bytes for it. NaN saturates to -128, raised to -127. */
static inline __m128i quantize_sixteen(__m512 x, __m512 inverse) {
    __m128i bytes = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(x, inverse)));
    return _mm_max_epi8(bytes, _mm_set1_epi8(-127));
}

static int32_t pack_row(const float *in, size_t columns, float inverse, int8_t *packed) {
    __m512i sums = _mm512_setzero_si512();
    for (size_t c = 0; c < columns; c += 16, packed += 256) {
        __m128i bytes = quantize_sixteen(load_lanes(in + c, columns - c), _mm512_set1_ps(inverse));
        bytes = _mm_maskz_mov_epi8(first_lanes(columns - c), bytes); /* zero times infinity is NaN, not zero */
        sums = _mm512_add_epi32(sums, _mm512_cvtepi8_epi32(bytes));
        int32_t fours[4];
        _mm_storeu_si128((__m128i *)(void *)fours, bytes);
        for (size_t i = 0; i < 4; i++) memcpy(packed + 64 * i, fours + i, sizeof *fours);
    }
    return _mm512_reduce_add_epi32(sums);
}

static void clear_row(size_t columns, int8_t *packed) {
    for (size_t c = 0; c < MINNOW_PADDED(columns); c += 4, packed += 64) memset(packed, 0, 4);
}

void minnow_pack_rows_avx512vnni(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed,
                                 float *scale, int32_t *column_sum) {
    for (size_t r = 0; r < MINNOW_PADDED(rows); r++) {
        int8_t *place = packed + minnow_packed_s8_index(r, 0, columns);
        if (r >= rows) {
            clear_row(columns, place);
            scale[r] = 0;
            column_sum[r] = 0;
            continue;
        }
        float highest = highest_in_row(in + r * stride, columns), inverse = highest > 0 ? 127.0f / highest : 0.0f;
        scale[r] = highest / 127.0f;
        column_sum[r] = pack_row(in + r * stride, columns, inverse < INFINITY ? inverse : 0.0f, place);
    }
}
