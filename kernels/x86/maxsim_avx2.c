/* Eight query tokens a register, so no sum goes across lanes. The query's signs go over to the token: then the query
 * is unsigned, as VPMADDUBSW wants it, and two products of at most 127 * 127 fit into its 16 bits. */
#include <math.h>

#include "kernels/x86/planes_avx2.h"
#include "kernels/x86/x86.h"

enum { TOKENS = 4, LANES = 8 };

/* Columns k to k + 3 (the last ones: to k + width - 1) of `count` tokens. */
static inline __attribute__((always_inline)) void add_columns(__m256i sums[TOKENS], const int8_t *tokens,
                                                              size_t stride, __m256i query, size_t width,
                                                              size_t count) {
    __m256i size = _mm256_abs_epi8(query);
    for (size_t t = 0; t < count; t++) {
        int32_t word = 0;
        memcpy(&word, tokens + t * stride, width);
        __m256i token = _mm256_sign_epi8(_mm256_set1_epi32(word), query);
        sums[t] = _mm256_add_epi32(sums[t], widen_sums(_mm256_maddubs_epi16(size, token)));
    }
}

/* queries: eight of a block of sixteen. */
static inline __attribute__((always_inline)) __m256 best_of(const struct minnow_maxsim_args *args,
                                                            const int8_t *queries, size_t first, __m256 best,
                                                            size_t count) {
    __m256i sums[TOKENS];
    const int8_t *tokens = args->tokens + first * args->stride;
    for (size_t t = 0; t < count; t++) sums[t] = _mm256_setzero_si256();
    for (size_t k = 0; k < args->columns; k += 4) {
        __m256i query = _mm256_loadu_si256((const __m256i *)(const void *)(queries + k * 16));
        if (k + 4 <= args->columns)
            add_columns(sums, tokens + k, args->stride, query, 4, count);
        else
            add_columns(sums, tokens + k, args->stride, query, args->columns - k, count);
    }
    for (size_t t = 0; t < count; t++) {
        __m256 scale = _mm256_set1_ps(args->token_scale[first + t]);
        best = _mm256_max_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sums[t]), scale), best);
    }
    return best;
}

float minnow_maxsim_avx2(const struct minnow_maxsim_args *args) {
    float sum = 0, best[LANES];
    for (size_t q = 0; q < args->query_count; q += LANES) {
        const int8_t *queries = args->queries + q / 16 * 16 * MINNOW_PADDED(args->columns) + q % 16 * 4;
        __m256 most = _mm256_set1_ps(-INFINITY);
        size_t t = 0;
        for (; t + TOKENS <= args->token_count; t += TOKENS) most = best_of(args, queries, t, most, TOKENS);
        for (; t < args->token_count; t++) most = best_of(args, queries, t, most, 1);
        _mm256_storeu_ps(best, most);
        for (size_t i = q; i < q + LANES && i < args->query_count; i++) sum += args->query_scale[i] * best[i - q];
    }
    return sum;
}
