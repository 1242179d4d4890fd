/* VPMADDUBSW multiplies unsigned by signed bytes and adds pairs of products in 16 bits: the size of a weight, at most
 * 128, times the activation, at most 127, with the weight's sign is exact, and so is the sum of two (32512). */
#include "kernels/x86/tiles_avx2.h"
#include "kernels/x86/x86.h"

static inline __m256i add_four(__m256i sums, const int8_t *a, __m256i weights, __m256i sizes) {
    __m256i pairs = _mm256_maddubs_epi16(sizes, _mm256_sign_epi8(broadcast_four(a), weights));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/* The first eight of a block's outputs, then the others: no more than one register of weights is wanted at a time. */
INLINE void add_low(struct block *sums, const int8_t *a, size_t stride, const int8_t *weights, size_t rows) {
    __m256i w = _mm256_loadu_si256((const __m256i *)(const void *)weights), sizes = _mm256_abs_epi8(w);
    sums[0].low = add_four(sums[0].low, a, w, sizes);
    if (rows > 1) sums[1].low = add_four(sums[1].low, a + 1 * stride, w, sizes);
    if (rows > 2) sums[2].low = add_four(sums[2].low, a + 2 * stride, w, sizes);
    if (rows > 3) sums[3].low = add_four(sums[3].low, a + 3 * stride, w, sizes);
    if (rows > 4) sums[4].low = add_four(sums[4].low, a + 4 * stride, w, sizes);
    if (rows > 5) sums[5].low = add_four(sums[5].low, a + 5 * stride, w, sizes);
}

INLINE void add_high(struct block *sums, const int8_t *a, size_t stride, const int8_t *weights, size_t rows) {
    __m256i w = _mm256_loadu_si256((const __m256i *)(const void *)weights), sizes = _mm256_abs_epi8(w);
    sums[0].high = add_four(sums[0].high, a, w, sizes);
    if (rows > 1) sums[1].high = add_four(sums[1].high, a + 1 * stride, w, sizes);
    if (rows > 2) sums[2].high = add_four(sums[2].high, a + 2 * stride, w, sizes);
    if (rows > 3) sums[3].high = add_four(sums[3].high, a + 3 * stride, w, sizes);
    if (rows > 4) sums[4].high = add_four(sums[4].high, a + 4 * stride, w, sizes);
    if (rows > 5) sums[5].high = add_four(sums[5].high, a + 5 * stride, w, sizes);
}

INLINE void add_rows(struct block *sums, const int8_t *a, size_t stride, const int8_t *weights, size_t rows) {
    add_low(sums, a, stride, weights, rows);
    add_high(sums, a, stride, weights + 32, rows);
}

void minnow_gemm_s8_avx2(const struct minnow_gemm_s8_args *args) { multiply(args, 0, 2); }
