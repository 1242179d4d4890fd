#include <math.h>

#include "kernels/x86/bytes_avx2.h"
#include "kernels/x86/x86.h"

static float highest_in_row(const float *x, size_t columns) {
    __m256 highest = _mm256_setzero_ps(), sign = _mm256_set1_ps(-0.0f);
    for (size_t c = 0; c < columns; c += 8)
        highest = _mm256_max_ps(_mm256_andnot_ps(sign, load_eight(x + c, columns - c)), highest);
    return highest_of(highest);
}

/* Sixteen inputs of one output: four blocks, each with four bytes for it. */
static __m128i quantize_sixteen(const float *x, size_t count, __m256 inverse) {
    struct lanes v = load_lanes(x, count);
    __m256i low = _mm256_cvtps_epi32(_mm256_mul_ps(v.low, inverse));
    return narrow(low, _mm256_cvtps_epi32(_mm256_mul_ps(v.high, inverse)));
}

static int32_t pack_row(const float *in, size_t columns, float inverse, int8_t *packed) {
    __m256i sums = _mm256_setzero_si256();
    for (size_t c = 0; c < columns; c += 16, packed += 256) {
        __m128i bytes = quantize_sixteen(in + c, columns - c, _mm256_set1_ps(inverse));
        __m256i words = _mm256_cvtepi8_epi16(bytes);
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(words, _mm256_set1_epi16(1)));
        int32_t fours[4];
        _mm_storeu_si128((__m128i *)(void *)fours, bytes);
        for (size_t i = 0; i < 4; i++) memcpy(packed + 64 * i, fours + i, sizeof *fours);
    }
    return sum_eight(sums);
}

static void clear_row(size_t columns, int8_t *packed) {
    for (size_t c = 0; c < MINNOW_PADDED(columns); c += 4, packed += 64) memset(packed, 0, 4);
}

void minnow_pack_rows_avx2(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed, float *scale,
                           int32_t *column_sum) {
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
