/* Sixteen float lanes as one register: loads and stores that stop at a row's end, and the one tree of sums.
 * Elements that a mask leaves out are neither read nor written, so they cannot fault. */
#ifndef MINNOW_LANES_AVX512_H
#define MINNOW_LANES_AVX512_H

#include <immintrin.h>

#include "kernels/kernels.h"

/* One bit for each of the first `count` of sixteen elements. */
static inline __mmask16 first_lanes(size_t count) { return (__mmask16)(count >= 16 ? 0xFFFFu : (1u << count) - 1u); }

/* One bit for each of the first `count` of 64 bytes. */
static inline __mmask64 first_bytes(size_t count) { return count >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << count) - 1; }

/* Sixteen floats, of which `count` may be read; zeros for the rest. */
static inline __m512 load_lanes(const float *x, size_t count) { return _mm512_maskz_loadu_ps(first_lanes(count), x); }

static inline void store_lanes(float *x, __m512 values, size_t count) {
    _mm512_mask_storeu_ps(x, first_lanes(count), values);
}

/* The tree: lane i += lane i + 8, 4, 2, 1. */
static inline float sum_lanes(__m512 x) {
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#endif
