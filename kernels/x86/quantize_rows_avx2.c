#include <math.h>

#include "kernels/reference/lanes.h"
#include "kernels/x86/bytes_avx2.h"
#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

struct affine {
    float inverse, zero; /* q = rint(x * inverse + zero) */
};

/* Least and largest value of each lane, from 0 on; NaN is outside of every comparison. */
struct range {
    __m256 low, high;
};

static inline struct range widen(struct range range, __m256 x) {
    return (struct range){_mm256_min_ps(x, range.low), _mm256_max_ps(x, range.high)};
}

/* Four by four, because one comparison would wait for the other. */
static struct range measure_row(const float *in, size_t columns) {
    const struct range none = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    struct range a = none, b = none, c = none, d = none;
    size_t i = 0;
    for (; i + 32 <= columns; i += 32) {
        a = widen(a, _mm256_loadu_ps(in + i));
        b = widen(b, _mm256_loadu_ps(in + i + 8));
        c = widen(c, _mm256_loadu_ps(in + i + 16));
        d = widen(d, _mm256_loadu_ps(in + i + 24));
    }
    for (; i < columns; i += 8) a = widen(a, load_eight(in + i, columns - i));
    a = (struct range){_mm256_min_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
    c = (struct range){_mm256_min_ps(c.low, d.low), _mm256_max_ps(c.high, d.high)};
    return (struct range){_mm256_min_ps(a.low, c.low), _mm256_max_ps(a.high, c.high)};
}

static struct affine choose_affine(struct range lanes, struct minnow_row_quantization *quantization) {
    float low = lowest_of(lanes.low), range = highest_of(lanes.high) - low;
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

/* At most sixteen columns, zeros up to sixteen. */
static void quantize_end(const float *in, size_t count, __m256 inverse, __m256 zero, __m128i flip, int8_t *out) {
    struct lanes x = load_lanes(in, count);
    __m128i bytes = narrow(quantize_eight(x.low, inverse, zero), quantize_eight(x.high, inverse, zero));
    if (count < 16) bytes = _mm_and_si128(bytes, first_bytes(count));
    _mm_storeu_si128((__m128i *)(void *)out, _mm_xor_si128(bytes, flip));
}

static inline __m256i quantize_sixteen(const float *in, __m256 inverse, __m256 zero) {
    return _mm256_packs_epi32(quantize_eight(_mm256_loadu_ps(in), inverse, zero),
                              quantize_eight(_mm256_loadu_ps(in + 8), inverse, zero));
}

static void quantize_values(const float *in, size_t columns, struct affine affine, uint8_t flip, int8_t *out) {
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7), lowest = _mm256_set1_epi8(-127);
    __m256 inverse = _mm256_set1_ps(affine.inverse), zero = _mm256_set1_ps(affine.zero);
    __m256i mask = _mm256_set1_epi8((char)flip);
    size_t c = 0;
    for (; c + 32 <= columns; c += 32) {
        __m256i low = quantize_sixteen(in + c, inverse, zero), high = quantize_sixteen(in + c + 16, inverse, zero);
        __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), order);
        bytes = _mm256_xor_si256(_mm256_max_epi8(bytes, lowest), mask);
        _mm256_storeu_si256((__m256i *)(void *)(out + c), bytes);
    }
    for (; c < columns; c += 16)
        quantize_end(in + c, columns - c, inverse, zero, _mm256_castsi256_si128(mask), out + c);
}

void minnow_quantize_rows_avx2(const float *in, size_t in_stride, size_t rows, size_t columns, uint8_t flip,
                               int8_t *out, size_t out_stride, struct minnow_row_quantization *quantization) {
    size_t written = MINNOW_PADDED(columns);
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride) {
        struct affine affine = choose_affine(measure_row(in, columns), quantization + r);
        quantize_values(in, columns, affine, flip, out);
        if (written < out_stride) memset(out + written, flip, out_stride - written);
    }
}
