#include <math.h>

#include "kernels/x86/bytes_avx2.h"
#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

static __m256 highest_in_row(const float *x, size_t columns) {
    __m256 lowest = _mm256_set1_ps(-INFINITY), highest = lowest;
    for (size_t c = 0; c < columns; c += 8) highest = _mm256_max_ps(load_eight_or(x + c, columns - c, lowest), highest);
    return _mm256_set1_ps(highest_of(highest));
}

/* What the columns of a row share, and what they hand on. */
struct state {
    __m256 highest, factor;
    struct lanes carry;
    __m256i sums;
};

/* Codes of eight of the sixteen lanes. */
static inline __m256i codes_of(const struct state *state, __m256 x, __m256 *carry) {
    __m256 e = exp2_eight(_mm256_mul_ps(state->factor, _mm256_sub_ps(x, state->highest)));
    __m256 v = _mm256_fmadd_ps(e, _mm256_set1_ps(254.0f), *carry), code = round_eight(v);
    *carry = _mm256_sub_ps(v, code);
    return _mm256_cvtps_epi32(code);
}

static inline __m256i keep_codes(__m256i codes, size_t count) {
    return count >= 8 ? codes : _mm256_and_si256(codes, first_elements(count));
}

/* Sixteen columns, of which `count` exist. */
static inline void add_sixteen(struct state *state, const float *x, size_t count, uint8_t flip, int8_t *out) {
    struct lanes v = load_lanes(x, count);
    __m256i low = keep_codes(codes_of(state, v.low, &state->carry.low), count);
    __m256i high = keep_codes(codes_of(state, v.high, &state->carry.high), beyond_eight(count));
    state->sums = _mm256_add_epi32(state->sums, _mm256_add_epi32(low, high));
    const __m256i middle = _mm256_set1_epi32(127);
    __m128i bytes = narrow(_mm256_sub_epi32(low, middle), _mm256_sub_epi32(high, middle));
    if (count < 16) bytes = _mm_and_si128(bytes, first_bytes(count));
    _mm_storeu_si128((__m128i *)(void *)out, _mm_xor_si128(bytes, _mm_set1_epi8((char)flip)));
}

static void softmax_quantize_row(const float *x, size_t columns, float factor, uint8_t flip, int8_t *out,
                                 struct minnow_row_quantization *quantization) {
    struct state state = {highest_in_row(x, columns), _mm256_set1_ps(factor), zero_lanes(), _mm256_setzero_si256()};
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) add_sixteen(&state, x + c, 16, flip, out + c);
    if (c < columns) add_sixteen(&state, x + c, columns - c, flip, out + c);
    *quantization = (struct minnow_row_quantization){1.0f / (float)sum_eight(state.sums), -127};
}

void minnow_softmax_quantize_rows_avx2(const float *x, size_t stride, size_t rows, size_t columns, float factor,
                                       uint8_t flip, int8_t *out, size_t out_stride,
                                       struct minnow_row_quantization *quantization) {
    size_t written = MINNOW_PADDED(columns);
    for (size_t r = 0; r < rows; r++, x += stride, out += out_stride) {
        softmax_quantize_row(x, columns, factor, flip, out, quantization + r);
        memset(out + written, flip, out_stride - written);
    }
}
