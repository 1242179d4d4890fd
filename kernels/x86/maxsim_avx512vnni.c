/* Sixteen query tokens a register, so no sum goes across lanes. VPDPBUSD multiplies unsigned by signed bytes: tokens
 * are flipped to t + 128, and 128 times each query token's sum is where its dots begin. */
#include <math.h>

#include "kernels/x86/planes_avx512.h"
#include "kernels/x86/x86.h"

enum { TOKENS = 8 };

static inline __m512i load_queries(const int8_t *queries, size_t k) { return _mm512_loadu_si512(queries + k / 4 * 64); }

/* -128 times the sums of sixteen query tokens. */
static __m512i first_sums(const int8_t *queries, size_t columns) {
    __m512i sums = _mm512_setzero_si512();
    for (size_t k = 0; k < columns; k += 4)
        sums = _mm512_dpbusd_epi32(sums, _mm512_set1_epi8(-128), load_queries(queries, k));
    return _mm512_sub_epi32(_mm512_setzero_si512(), sums);
}

/* Columns k to k + 3 (the last ones: to k + width - 1) of `count` tokens. */
static inline __attribute__((always_inline)) void add_columns(__m512i sums[TOKENS], const int8_t *tokens,
                                                              size_t stride, __m512i query, size_t width,
                                                              size_t count) {
    for (size_t t = 0; t < count; t++) {
        uint32_t word = 0;
        memcpy(&word, tokens + t * stride, width);
        sums[t] = _mm512_dpbusd_epi32(sums[t], _mm512_set1_epi32((int)(word ^ 0x80808080u)), query);
    }
}

static inline __attribute__((always_inline)) __m512 best_of(const struct minnow_maxsim_args *args,
                                                            const int8_t *queries, __m512i begin, size_t first,
                                                            __m512 best, size_t count) {
    __m512i sums[TOKENS];
    const int8_t *tokens = args->tokens + first * args->stride;
    for (size_t t = 0; t < count; t++) sums[t] = begin;
    size_t k = 0, columns = args->columns;
    for (; k + 4 <= columns; k += 4) add_columns(sums, tokens + k, args->stride, load_queries(queries, k), 4, count);
    if (k < columns) add_columns(sums, tokens + k, args->stride, load_queries(queries, k), columns - k, count);
    for (size_t t = 0; t < count; t++) {
        __m512 scale = _mm512_set1_ps(args->token_scale[first + t]);
        best = _mm512_max_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sums[t]), scale), best);
    }
    return best;
}

float minnow_maxsim_avx512vnni(const struct minnow_maxsim_args *args) {
    float sum = 0, best[16];
    for (size_t q = 0; q < args->query_count; q += 16) {
        const int8_t *queries = args->queries + q * MINNOW_PADDED(args->columns);
        __m512i begin = first_sums(queries, args->columns);
        __m512 most = _mm512_set1_ps(-INFINITY);
        size_t t = 0;
        for (; t + TOKENS <= args->token_count; t += TOKENS) most = best_of(args, queries, begin, t, most, TOKENS);
        for (; t < args->token_count; t++) most = best_of(args, queries, begin, t, most, 1);
        _mm512_storeu_ps(best, most);
        for (size_t i = q; i < q + 16 && i < args->query_count; i++) sum += args->query_scale[i] * best[i - q];
    }
    return sum;
}
