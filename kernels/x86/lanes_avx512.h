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

/* 64 integers as bytes, in order; what is beyond a byte's range becomes its nearest end. */
static inline __m512i narrow_sixty_four(const __m512i x[4]) {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m512i low = _mm512_packs_epi32(x[0], x[1]), high = _mm512_packs_epi32(x[2], x[3]);
    return _mm512_permutexvar_epi32(order, _mm512_packs_epi16(low, high));
}

/* The largest of each of sixteen registers, none of which is NaN: lane i for x[i]. Each step halves what is left of
 * every register, and packs two of them into one. */
static inline __m512 highest_of_each(const __m512 x[16]) {
    __m512 halves[8], quarters[4], pairs[2];
    for (size_t i = 0; i < 8; i++)
        halves[i] = _mm512_max_ps(_mm512_shuffle_f32x4(x[i], x[i + 8], _MM_SHUFFLE(1, 0, 1, 0)),
                                  _mm512_shuffle_f32x4(x[i], x[i + 8], _MM_SHUFFLE(3, 2, 3, 2)));
    for (size_t i = 0; i < 4; i++)
        quarters[i] = _mm512_max_ps(_mm512_shuffle_f32x4(halves[i], halves[i + 4], _MM_SHUFFLE(2, 0, 2, 0)),
                                    _mm512_shuffle_f32x4(halves[i], halves[i + 4], _MM_SHUFFLE(3, 1, 3, 1)));
    for (size_t i = 0; i < 2; i++)
        pairs[i] = _mm512_max_ps(_mm512_shuffle_ps(quarters[i], quarters[i + 2], _MM_SHUFFLE(1, 0, 1, 0)),
                                 _mm512_shuffle_ps(quarters[i], quarters[i + 2], _MM_SHUFFLE(3, 2, 3, 2)));
    __m512 all = _mm512_max_ps(_mm512_shuffle_ps(pairs[0], pairs[1], _MM_SHUFFLE(2, 0, 2, 0)),
                               _mm512_shuffle_ps(pairs[0], pairs[1], _MM_SHUFFLE(3, 1, 3, 1)));
    const __m512i order = _mm512_setr_epi32(0, 2, 1, 3, 8, 10, 9, 11, 4, 6, 5, 7, 12, 14, 13, 15);
    return _mm512_permutexvar_ps(order, all);
}

/* The tree: lane i += lane i + 8, 4, 2, 1. */
static inline float sum_lanes(__m512 x) {
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#endif
