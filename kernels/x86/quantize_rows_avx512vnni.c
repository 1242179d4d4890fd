/* Eight rows at a time, so that their parameters are computed side by side. */
#include <math.h>
#include <string.h>

#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

enum { ROWS_AT_ONCE = 8 };

/* A lane for each of eight rows: q = rint(x * inverse + zero). */
struct affine {
    __m256 inverse, zero;
};

/* Largest and smallest value of each lane; 0 is among them, and NaN is outside of every comparison. */
struct extremes {
    __m512 high, low;
};

static inline struct extremes widen(struct extremes extremes, __m512 x) {
    return (struct extremes){_mm512_max_ps(x, extremes.high), _mm512_min_ps(x, extremes.low)};
}

/* Two by two, because one maximum would wait for the other. */
static inline struct extremes measure_row(const float *in, size_t columns) {
    struct extremes even = {_mm512_setzero_ps(), _mm512_setzero_ps()}, odd = even;
    size_t c = 0;
    for (; c + 32 <= columns; c += 32) {
        even = widen(even, _mm512_loadu_ps(in + c));
        odd = widen(odd, _mm512_loadu_ps(in + c + 16));
    }
    for (; c < columns; c += 16) even = widen(even, load_lanes(in + c, columns - c));
    return (struct extremes){_mm512_max_ps(even.high, odd.high), _mm512_min_ps(even.low, odd.low)};
}

static inline __m256 clamp_eight(__m256 x, float low, float high) {
    return _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(low)), _mm256_set1_ps(high));
}

/* extremes: eight highs, eight negated lows. Stores `rows` parameters. */
static struct affine choose_affine(__m512 extremes, size_t rows, struct minnow_row_quantization *quantization) {
    __m256 high = _mm512_castps512_ps256(extremes), negated_low = _mm512_extractf32x8_ps(extremes, 1);
    __m256 range = _mm256_add_ps(high, negated_low), inverse = _mm256_div_ps(_mm256_set1_ps(254.0f), range);
    __mmask8 usable = _mm256_cmp_ps_mask(range, _mm256_setzero_ps(), _CMP_GT_OQ) &
                      _mm256_cmp_ps_mask(inverse, _mm256_set1_ps(INFINITY), _CMP_LT_OQ);
    inverse = _mm256_maskz_mov_ps(usable, inverse);
    __m256 zero = _mm256_add_ps(_mm256_set1_ps(-127.0f), _mm256_mul_ps(negated_low, inverse));
    zero = _mm256_round_ps(clamp_eight(zero, -127.0f, 127.0f), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 scale = _mm512_castps256_ps512(_mm256_div_ps(range, _mm256_set1_ps(254.0f)));
    __m512 integer = _mm512_castps256_ps512(_mm256_castsi256_ps(_mm256_cvtps_epi32(zero)));
    const __m512i order = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    _mm512_mask_storeu_ps(quantization, first_lanes(2 * rows), _mm512_permutex2var_ps(scale, order, integer));
    return (struct affine){inverse, zero};
}

static inline __m512i quantize_sixteen(const float *in, size_t count, __m512 inverse, __m512 zero) {
    return _mm512_cvtps_epi32(_mm512_fmadd_ps(load_lanes(in, count), inverse, zero));
}

/* NaN became the least integer there is, which saturates to -128 and is raised to -127. */
static inline __m512i to_bytes(const __m512i q[4], __m512i flip) {
    return _mm512_xor_si512(_mm512_max_epi8(narrow_sixty_four(q), _mm512_set1_epi8(-127)), flip);
}

/* At most sixteen columns; those beyond them are zeros. */
static inline void quantize_end(const float *in, size_t count, __m512 inverse, __m512 zero, uint8_t flip, int8_t *out) {
    __m128i bytes = _mm512_cvtsepi32_epi8(quantize_sixteen(in, count, inverse, zero));
    bytes = _mm_maskz_max_epi8(first_lanes(count), bytes, _mm_set1_epi8(-127));
    _mm_storeu_si128((void *)out, _mm_xor_si128(bytes, _mm_set1_epi8((char)flip)));
}

static inline void quantize_row(const float *in, size_t columns, __m512 inverse, __m512 zero, uint8_t flip,
                                int8_t *out) {
    __m512i mask = _mm512_set1_epi8((char)flip);
    size_t c = 0;
    for (; c + 64 <= columns; c += 64) {
        __m512i q[4];
        for (size_t i = 0; i < 4; i++) q[i] = quantize_sixteen(in + c + 16 * i, 16, inverse, zero);
        _mm512_storeu_si512(out + c, to_bytes(q, mask));
    }
    for (; c + 16 <= columns; c += 16) quantize_end(in + c, 16, inverse, zero, flip, out + c);
    if (c < columns) quantize_end(in + c, columns - c, inverse, zero, flip, out + c);
}

static void quantize_some_rows(const float *in, size_t in_stride, size_t rows, size_t columns, uint8_t flip,
                               int8_t *out, size_t out_stride, struct minnow_row_quantization *quantization) {
    __m512 extremes[2 * ROWS_AT_ONCE];
    for (size_t r = 0; r < ROWS_AT_ONCE; r++) {
        struct extremes row = measure_row(in + r * in_stride, r < rows ? columns : 0);
        extremes[r] = row.high;
        extremes[ROWS_AT_ONCE + r] = _mm512_xor_ps(row.low, _mm512_set1_ps(-0.0f));
    }
    struct affine affine = choose_affine(highest_of_each(extremes), rows, quantization);
    float inverse[ROWS_AT_ONCE], zero[ROWS_AT_ONCE];
    _mm256_storeu_ps(inverse, affine.inverse);
    _mm256_storeu_ps(zero, affine.zero);
    for (size_t r = 0; r < rows; r++)
        quantize_row(in + r * in_stride, columns, _mm512_set1_ps(inverse[r]), _mm512_set1_ps(zero[r]), flip,
                     out + r * out_stride);
}

void minnow_quantize_rows_avx512vnni(const float *in, size_t in_stride, size_t rows, size_t columns, uint8_t flip,
                                     int8_t *out, size_t out_stride, struct minnow_row_quantization *quantization) {
    size_t written = MINNOW_PADDED(columns);
    for (size_t r = 0; r < rows; r += ROWS_AT_ONCE)
        quantize_some_rows(in + r * in_stride, in_stride, rows - r < ROWS_AT_ONCE ? rows - r : ROWS_AT_ONCE, columns,
                           flip, out + r * out_stride, out_stride, quantization + r);
    if (written == out_stride) return;
    for (size_t r = 0; r < rows; r++) memset(out + r * out_stride + written, flip, out_stride - written);
}
