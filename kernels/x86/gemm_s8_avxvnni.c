/* VPDPBUSD multiplies unsigned by signed bytes: activations come as q + 128 (flip 0x80) and are broadcast four at a
 * time, weights are read as they lie, two registers for sixteen outputs. Eight registers of sums hide its latency. */
#include "kernels/x86/tiles_avx2.h"
#include "kernels/x86/x86.h"

static inline __m256i add_four(__m256i sums, const int8_t *a, __m256i weights) {
    return _mm256_dpbusd_avx_epi32(sums, broadcast_four(a), weights);
}

INLINE __m256i load_eight_outputs(const int8_t *weights) {
    return _mm256_loadu_si256((const __m256i *)(const void *)weights);
}

/* At most three rows, whose activations and one half of the weights stay in registers beside twelve sums. */
INLINE void add_few_rows(struct block *sums, const int8_t *a, size_t stride, const int8_t *weights, size_t rows) {
    __m256i low = load_eight_outputs(weights);
    sums[0].low = add_four(sums[0].low, a, low);
    if (rows > 1) sums[1].low = add_four(sums[1].low, a + 1 * stride, low);
    if (rows > 2) sums[2].low = add_four(sums[2].low, a + 2 * stride, low);
    __m256i high = load_eight_outputs(weights + 32);
    sums[0].high = add_four(sums[0].high, a, high);
    if (rows > 1) sums[1].high = add_four(sums[1].high, a + 1 * stride, high);
    if (rows > 2) sums[2].high = add_four(sums[2].high, a + 2 * stride, high);
}

INLINE struct block add_row(struct block sums, const int8_t *a, struct block w) {
    return (struct block){add_four(sums.low, a, w.low), add_four(sums.high, a, w.high)};
}

/* More rows, whose activations come one after the other to both halves. */
INLINE void add_many_rows(struct block *sums, const int8_t *a, size_t stride, const int8_t *weights, size_t rows) {
    struct block w = load_block(weights);
    sums[0] = add_row(sums[0], a, w);
    sums[1] = add_row(sums[1], a + 1 * stride, w);
    sums[2] = add_row(sums[2], a + 2 * stride, w);
    sums[3] = add_row(sums[3], a + 3 * stride, w);
    if (rows > 4) sums[4] = add_row(sums[4], a + 4 * stride, w);
    if (rows > 5) sums[5] = add_row(sums[5], a + 5 * stride, w);
}

INLINE void add_rows(struct block *sums, const int8_t *a, size_t stride, const int8_t *weights, size_t rows) {
    if (rows <= 3)
        add_few_rows(sums, a, stride, weights, rows);
    else
        add_many_rows(sums, a, stride, weights, rows);
}

void minnow_gemm_s8_avxvnni(const struct minnow_gemm_s8_args *args) { multiply(args, 128, 3); }
