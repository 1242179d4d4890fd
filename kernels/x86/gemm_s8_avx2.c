#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

enum { TILE_ROWS = 4 };

/* Sums of sixteen outputs of a row. */
struct sums {
    __m256i low, high;
};

static inline __m256i load_weights(const int8_t *weights) {
    return _mm256_loadu_si256((const __m256i *)(const void *)weights);
}

static inline __m256i broadcast_four(const int8_t *a) {
    int32_t four;
    memcpy(&four, a, sizeof four);
    return _mm256_set1_epi32(four);
}

/* |w| times a with w's sign: pairs stay within 2 * 128 * 127, so that the words cannot saturate. */
static inline __m256i add_products(__m256i sum, __m256i a, __m256i w, __m256i magnitude) {
    __m256i words = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(a, w));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(words, _mm256_set1_epi16(1)));
}

static inline void finish(const struct minnow_gemm_s8_args *args, size_t r, size_t n, __m256i sums) {
    struct minnow_row_quantization row = args->quantization[r];
    __m256i column_sums = _mm256_loadu_si256((const __m256i *)(const void *)(args->column_sum + n));
    __m256i exact = _mm256_sub_epi32(sums, _mm256_mullo_epi32(_mm256_set1_epi32(row.zero), column_sums));
    __m256 scale = _mm256_mul_ps(_mm256_set1_ps(row.scale), _mm256_loadu_ps(args->scale + n));
    __m256 out = _mm256_fmadd_ps(_mm256_cvtepi32_ps(exact), scale, _mm256_loadu_ps(args->bias + n));
    _mm256_storeu_ps(args->out + r * args->out_stride + n, out);
}

static inline __attribute__((always_inline)) void tile(const struct minnow_gemm_s8_args *args, const int8_t *weights,
                                                       size_t first, size_t n, size_t rows) {
    const int8_t *a = args->a + first * args->a_stride;
    size_t a_stride = args->a_stride, depth = MINNOW_PADDED(args->inputs);
    struct sums sums[TILE_ROWS];
    for (size_t r = 0; r < rows; r++) sums[r] = (struct sums){_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (size_t k = 0; k < depth; k += 4, weights += 64) {
        __m256i low = load_weights(weights), high = load_weights(weights + 32);
        __m256i low_magnitude = _mm256_abs_epi8(low), high_magnitude = _mm256_abs_epi8(high);
        for (size_t r = 0; r < rows; r++) {
            __m256i four = broadcast_four(a + r * a_stride + k);
            sums[r].low = add_products(sums[r].low, four, low, low_magnitude);
            sums[r].high = add_products(sums[r].high, four, high, high_magnitude);
        }
    }
    for (size_t r = 0; r < rows; r++) {
        finish(args, first + r, n, sums[r].low);
        finish(args, first + r, n + 8, sums[r].high);
    }
}

static void short_tile(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t first, size_t n) {
    switch (args->rows - first) {
    case 1: tile(args, weights, first, n, 1); break;
    case 2: tile(args, weights, first, n, 2); break;
    case 3: tile(args, weights, first, n, 3); break;
    default: break;
    }
}

void minnow_gemm_s8_avx2(const struct minnow_gemm_s8_args *args) {
    const int8_t *weights = args->weights;
    for (size_t n = 0; n < args->outputs; n += 16, weights += 16 * MINNOW_PADDED(args->inputs)) {
        size_t r = 0;
        for (; r + TILE_ROWS <= args->rows; r += TILE_ROWS) tile(args, weights, r, n, TILE_ROWS);
        short_tile(args, weights, r, n);
    }
}
