#include <math.h>

#include "kernels/reference/lanes.h"
#include "kernels/x86/bytes_avx2.h"
#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

struct affine {
    float inverse, zero; /* q = rint(x * inverse) + zero */
};

/* The parameters from the range of the row; NaN is outside of every comparison. */
static struct affine choose_affine(const float *in, size_t columns,
                                   struct minnow_row_quantization *quantization) {
    __m256 lows = _mm256_setzero_ps(), highs = lows;
    for (size_t c = 0; c < columns; c += 8) {
        __m256 x = load_eight(in + c, columns - c);
        lows = _mm256_min_ps(x, lows);
        highs = _mm256_max_ps(x, highs);
    }
    float low = lowest_of(lows), range = highest_of(highs) - low;
    float inverse = range > 0 ? 254.0f / range : 0.0f;
    if (!(inverse < INFINITY)) inverse = 0.0f;
    float zero = rintf(minnow_clamp(-127.0f - low * inverse, -127.0f, 127.0f));
    *quantization = (struct minnow_row_quantization){range / 254.0f, (int32_t)zero};
    return (struct affine){inverse, zero};
}

/* NaN becomes the least integer there is, which narrow() takes to -127. */
static inline __m256i quantize_eight(__m256 x, __m256 inverse, __m256 zero) {
    return _mm256_cvtps_epi32(_mm256_fmadd_ps(x, inverse, zero));
}

static void quantize_values(const float *in, size_t columns, struct affine affine, uint8_t flip, int8_t *out) {
    __m256 inverse = _mm256_set1_ps(affine.inverse), zero = _mm256_set1_ps(affine.zero);
    for (size_t c = 0; c < columns; c += 16) {
        size_t count = columns - c, second = beyond_eight(count);
        size_t at = second ? c + 8 : c; /* never a pointer past the row */
        __m256 low = load_eight(in + c, count), high = load_eight(in + at, second);
        __m128i bytes = narrow(quantize_eight(low, inverse, zero), quantize_eight(high, inverse, zero));
        if (count < 16) bytes = _mm_and_si128(bytes, first_bytes(count));
        _mm_storeu_si128((__m128i *)(void *)(out + c), _mm_xor_si128(bytes, _mm_set1_epi8((char)flip)));
    }
}

void minnow_quantize_rows_avx2(const float *in, size_t in_stride, size_t rows, size_t columns, uint8_t flip,
                               int8_t *out, size_t out_stride, struct minnow_row_quantization *quantization) {
    size_t written = MINNOW_PADDED(columns);
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride) {
        struct affine affine = choose_affine(in, columns, quantization + r);
        quantize_values(in, columns, affine, flip, out);
        memset(out + written, flip, out_stride - written);
    }
}
