#include <math.h>
#include <string.h>

#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

static __m512 highest_in_row(const float *x, size_t columns) {
    __m512 lowest = _mm512_set1_ps(-INFINITY), highest = lowest;
    for (size_t c = 0; c < columns; c += 16)
        highest = _mm512_max_ps(_mm512_mask_loadu_ps(lowest, first_lanes(columns - c), x + c), highest);
    return _mm512_set1_ps(_mm512_reduce_max_ps(highest));
}

/* What the columns of a row share, and what they hand on. */
struct state {
    __m512 highest, factor, carry;
    __m512i sum;
};

/* Sixteen codes; those of lanes outside of `kept` are zero. */
static inline __m512i codes_of(struct state *state, __m512 x, __mmask16 kept) {
    __m512 e = exp2_sixteen(_mm512_mul_ps(state->factor, _mm512_sub_ps(x, state->highest)));
    __m512 v = _mm512_fmadd_ps(e, _mm512_set1_ps(254.0f), state->carry), code = round_sixteen(v);
    state->carry = _mm512_sub_ps(v, code);
    __m512i codes = _mm512_maskz_cvtps_epi32(kept, code);
    state->sum = _mm512_add_epi32(state->sum, codes);
    return codes;
}

static inline void store_codes(int8_t *out, __m512i codes, __mmask16 kept, uint8_t flip) {
    __m128i bytes = _mm_sub_epi8(_mm512_cvtepi32_epi8(codes), _mm_set1_epi8(127));
    bytes = _mm_xor_si128(_mm_maskz_mov_epi8(kept, bytes), _mm_set1_epi8((char)flip));
    _mm_storeu_si128((__m128i *)(void *)out, bytes);
}

static void softmax_quantize_row(const float *x, size_t columns, float factor, uint8_t flip, int8_t *out,
                                 struct minnow_row_quantization *quantization) {
    struct state state = {highest_in_row(x, columns), _mm512_set1_ps(factor), _mm512_setzero_ps(),
                          _mm512_setzero_si512()};
    size_t whole = columns / 16 * 16;
    for (size_t c = 0; c < whole; c += 16)
        store_codes(out + c, codes_of(&state, _mm512_loadu_ps(x + c), 0xFFFF), 0xFFFF, flip);
    if (whole < columns) {
        __mmask16 kept = first_lanes(columns - whole);
        store_codes(out + whole, codes_of(&state, load_lanes(x + whole, columns - whole), kept), kept, flip);
    }
    *quantization = (struct minnow_row_quantization){1.0f / (float)_mm512_reduce_add_epi32(state.sum), -127};
}

void minnow_softmax_quantize_rows_avx512vnni(const float *x, size_t stride, size_t rows, size_t columns, float factor,
                                             uint8_t flip, int8_t *out, size_t out_stride,
                                             struct minnow_row_quantization *quantization) {
    size_t written = MINNOW_PADDED(columns);
    for (size_t r = 0; r < rows; r++, x += stride, out += out_stride) {
        softmax_quantize_row(x, columns, factor, flip, out, quantization + r);
        if (written < out_stride) memset(out + written, flip, out_stride - written);
    }
}
