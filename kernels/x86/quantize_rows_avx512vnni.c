#include <math.h>
#include <string.h>

#include "kernels/reference/lanes.h"
#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

struct affine {
    float inverse, zero; /* q = rint(x * inverse + zero) */
};

/* The parameters from the range of the row; NaN is outside of every comparison. */
static struct affine choose_affine(const float *in, size_t columns, struct minnow_row_quantization *quantization) {
    __m512 lows[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()}, highs[2] = {lows[0], lows[0]};
    size_t c = 0;
    for (; c + 32 <= columns; c += 32)
        for (size_t i = 0; i < 2; i++) {
            __m512 x = _mm512_loadu_ps(in + c + 16 * i);
            lows[i] = _mm512_min_ps(x, lows[i]);
            highs[i] = _mm512_max_ps(x, highs[i]);
        }
    for (; c < columns; c += 16) {
        __m512 x = load_lanes(in + c, columns - c);
        lows[0] = _mm512_min_ps(x, lows[0]);
        highs[0] = _mm512_max_ps(x, highs[0]);
    }
    float low = _mm512_reduce_min_ps(_mm512_min_ps(lows[0], lows[1]));
    float range = _mm512_reduce_max_ps(_mm512_max_ps(highs[0], highs[1])) - low;
    float inverse = range > 0 ? 254.0f / range : 0.0f;
    if (!(inverse < INFINITY)) inverse = 0.0f;
    float zero = rintf(minnow_clamp(-127.0f - low * inverse, -127.0f, 127.0f));
    *quantization = (struct minnow_row_quantization){range / 254.0f, (int32_t)zero};
    return (struct affine){inverse, zero};
}

/* Sixteen bytes; NaN becomes the least integer there is, which saturates to -128 and is raised to -127. */
static inline __m128i quantize_sixteen(__m512 x, __m512 inverse, __m512 zero, __m128i flip) {
    __m128i bytes = _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(_mm512_fmadd_ps(x, inverse, zero)));
    return _mm_xor_si128(_mm_max_epi8(bytes, _mm_set1_epi8(-127)), flip);
}

static void quantize_values(const float *in, size_t columns, struct affine affine, uint8_t flip, int8_t *out) {
    __m512 inverse = _mm512_set1_ps(affine.inverse), zero = _mm512_set1_ps(affine.zero);
    __m128i mask = _mm_set1_epi8((char)flip);
    size_t whole = columns / 16 * 16;
    for (size_t c = 0; c < whole; c += 16)
        _mm_storeu_si128((__m128i *)(void *)(out + c), quantize_sixteen(_mm512_loadu_ps(in + c), inverse, zero, mask));
    if (whole == columns) return;
    __m128i end = quantize_sixteen(load_lanes(in + whole, columns - whole), inverse, zero, mask);
    end = _mm_mask_blend_epi8(first_lanes(columns - whole), mask, end);
    _mm_storeu_si128((__m128i *)(void *)(out + whole), end);
}

void minnow_quantize_rows_avx512vnni(const float *in, size_t in_stride, size_t rows, size_t columns, uint8_t flip,
                                     int8_t *out, size_t out_stride, struct minnow_row_quantization *quantization) {
    size_t written = MINNOW_PADDED(columns);
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride) {
        struct affine affine = choose_affine(in, columns, quantization + r);
        quantize_values(in, columns, affine, flip, out);
        if (written < out_stride) memset(out + written, flip, out_stride - written);
    }
}
