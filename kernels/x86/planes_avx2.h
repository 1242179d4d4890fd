/* What the ops on bit planes share with 256 bits: a line is two halves of eight vectors. */
#ifndef MINNOW_PLANES_AVX2_H
#define MINNOW_PLANES_AVX2_H

#include <immintrin.h>
#include <string.h>

#include "kernels/kernels.h"

/* A scan is bound by memory, and the processor alone reads ahead too little. */
enum { PLANES_AHEAD = 8192, HALF_BYTES = MINNOW_PLANE_LINE / 2, HALF_VECTORS = MINNOW_PLANE_VECTORS / 2 };

static inline __m256i load_half(const uint8_t *half) {
    _mm_prefetch((const char *)half + PLANES_AHEAD, _MM_HINT_T0);
    return _mm256_loadu_si256((const __m256i *)(const void *)half);
}

/* Four columns of the query for every vector. */
static inline __m256i load_word(const int8_t *query) {
    int32_t word;
    memcpy(&word, query, sizeof word);
    return _mm256_set1_epi32(word);
}

/* out = 2^bits * out + sum, for eight vectors. */
static inline void refine_half(int32_t *out, int bits, __m256i sum) {
    __m256i *to = (__m256i *)(void *)out;
    _mm256_storeu_si256(to, _mm256_add_epi32(_mm256_slli_epi32(_mm256_loadu_si256(to), bits), sum));
}

/* Pairs of 16-bit sums. */
static inline __m256i widen_sums(__m256i sums) { return _mm256_madd_epi16(sums, _mm256_set1_epi16(1)); }

#endif
