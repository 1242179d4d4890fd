/* Sixteen float lanes as two registers: loads and stores that stop at a row's end, and the one tree of sums. */
#ifndef MINNOW_LANES_AVX2_H
#define MINNOW_LANES_AVX2_H

#include <immintrin.h>
#include <string.h>

#include "kernels/kernels.h"

/* Lanes 0..7 and 8..15. */
struct lanes {
    __m256 low, high;
};

/* How many of the `count` elements that remain fall into the second eight. */
static inline size_t beyond_eight(size_t count) { return count > 8 ? count - 8 : 0; }

/* All bits set in the first `count` (at most 8) of eight elements. */
static inline __m256i first_elements(size_t count) {
    static const int32_t window[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(const void *)(window + 8 - count));
}

/* Eight floats, of which `count` may be read; `otherwise` stands for the rest. */
static inline __m256 load_eight_or(const float *x, size_t count, __m256 otherwise) {
    if (count >= 8) return _mm256_loadu_ps(x);
    __m256i mask = first_elements(count);
    return _mm256_blendv_ps(otherwise, _mm256_maskload_ps(x, mask), _mm256_castsi256_ps(mask));
}

static inline __m256 load_eight(const float *x, size_t count) {
    return count >= 8 ? _mm256_loadu_ps(x) : _mm256_maskload_ps(x, first_elements(count));
}

/* Masked stores are microcoded on some CPUs, so a short end goes through the stack. */
static inline void store_eight(float *x, __m256 values, size_t count) {
    if (count >= 8) {
        _mm256_storeu_ps(x, values);
        return;
    }
    float end[8];
    _mm256_storeu_ps(end, values);
    memcpy(x, end, count * sizeof *x);
}

/* Zeros from the `count`th element on. */
static inline __m256 keep_eight(__m256 values, size_t count) {
    return count >= 8 ? values : _mm256_and_ps(values, _mm256_castsi256_ps(first_elements(count)));
}

static inline struct lanes zero_lanes(void) { return (struct lanes){_mm256_setzero_ps(), _mm256_setzero_ps()}; }

/* Sixteen floats, of which `count` may be read; zeros for the rest. */
static inline struct lanes load_lanes(const float *x, size_t count) {
    if (count >= 16) return (struct lanes){_mm256_loadu_ps(x), _mm256_loadu_ps(x + 8)};
    return (struct lanes){load_eight(x, count), count > 8 ? load_eight(x + 8, count - 8) : _mm256_setzero_ps()};
}

static inline void store_lanes(float *x, struct lanes values, size_t count) {
    store_eight(x, values.low, count);
    if (count > 8) store_eight(x + 8, values.high, count - 8);
}

static inline struct lanes keep_lanes(struct lanes values, size_t count) {
    return (struct lanes){keep_eight(values.low, count), keep_eight(values.high, beyond_eight(count))};
}

static inline struct lanes add_lanes(struct lanes a, struct lanes b) {
    return (struct lanes){_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}

static inline struct lanes fused_multiply_add_lanes(struct lanes a, struct lanes b, struct lanes c) {
    return (struct lanes){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}

/* The tree: lane i += lane i + 8, 4, 2, 1. */
static inline float sum_lanes(struct lanes x) {
    __m256 eight = _mm256_add_ps(x.low, x.high);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/* The sum of eight integers. */
static inline int32_t sum_eight(__m256i x) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, _MM_SHUFFLE(2, 3, 0, 1))));
}

/* The largest (or smallest) of eight that are no NaN. */
static inline float highest_of(__m256 x) {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

static inline float lowest_of(__m256 x) {
    __m128 four = _mm_min_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    __m128 two = _mm_min_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_min_ss(two, _mm_movehdup_ps(two)));
}

#endif
