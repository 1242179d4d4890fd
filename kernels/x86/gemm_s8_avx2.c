/* Weights and activations are split into words of even and odd inputs, because multiplying words and adding
 * pairs (VPMADDWD) is exact and needs no correction. The activations of a few rows are split once, onto the
 * stack, for all outputs; splitting the weights costs four instructions a tile. */
#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

enum {
    TILE_ROWS = 4, /* eight sums, four of weights, two activations and a product: fifteen of the sixteen registers */
    CHUNK_INPUTS = 2048 /* of one pass: what the stack holds */
};

/* A few rows and some of their inputs, in fours of words: inputs 0, 2, 1, 3 of every row, then the next four. */
struct panel {
    uint64_t fours[TILE_ROWS * CHUNK_INPUTS / 4];
};

struct pass {
    const struct minnow_gemm_s8_args *args;
    size_t row, first_input, inputs;
};

static inline __m256i load_integers(const void *x) { return _mm256_loadu_si256((const __m256i *)x); }

static void split_row(const int8_t *a, size_t inputs, size_t rows, uint64_t *fours) {
    const __m128i order = _mm_setr_epi8(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
    for (size_t k = 0; k < inputs; k += 16, fours += 4 * rows) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(a + k));
        uint64_t words[4];
        _mm256_storeu_si256((__m256i *)(void *)words, _mm256_cvtepi8_epi16(_mm_shuffle_epi8(bytes, order)));
        for (size_t i = 0; i < 4; i++) fours[i * rows] = words[i];
    }
}

/* Weights of eight outputs as words; maddubs with 1 and 0 keeps the even bytes. */
struct words {
    __m256i even, odd;
};

static inline struct words split_weights(const int8_t *weights) {
    __m256i bytes = load_integers(weights);
    return (struct words){_mm256_maddubs_epi16(_mm256_set1_epi16(1), bytes), _mm256_srai_epi16(bytes, 8)};
}

static inline __m256i broadcast_pair(const int8_t *pair) {
    int32_t words;
    memcpy(&words, pair, sizeof words);
    return _mm256_set1_epi32(words);
}

/* Sums of sixteen outputs of a row. */
struct sums {
    __m256i low, high;
};

static inline struct sums add_products(struct sums sums, struct words low, struct words high, const uint64_t *four) {
    __m256i even = broadcast_pair((const int8_t *)four), odd = broadcast_pair((const int8_t *)four + 4);
    sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(low.even, even));
    sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(high.even, even));
    sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(low.odd, odd));
    sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(high.odd, odd));
    return sums;
}

/* Sums of earlier inputs wait in `out`. */
static inline struct sums begin(const struct pass *pass, const float *out) {
    if (pass->first_input == 0) return (struct sums){_mm256_setzero_si256(), _mm256_setzero_si256()};
    return (struct sums){load_integers(out), load_integers(out + 8)};
}

/* Adds the pass's products to the sums of `rows` rows and sixteen outputs, which lie in `out` as integers. */
static inline __attribute__((always_inline)) void tile(const struct pass *pass, const struct panel *panel, size_t n,
                                                       size_t rows) {
    const struct minnow_gemm_s8_args *args = pass->args;
    const int8_t *weights = (const int8_t *)args->weights + n * MINNOW_PADDED(args->inputs) + pass->first_input * 16;
    const uint64_t *fours = panel->fours, *last = fours + pass->inputs / 4 * rows;
    float *out = args->out + pass->row * args->out_stride + n;
    struct sums sums[TILE_ROWS];
    for (size_t r = 0; r < rows; r++) sums[r] = begin(pass, out + r * args->out_stride);
    for (; fours < last; fours += rows, weights += 64) {
        struct words low = split_weights(weights), high = split_weights(weights + 32);
        for (size_t r = 0; r < rows; r++) sums[r] = add_products(sums[r], low, high, fours + r);
    }
    for (size_t r = 0; r < rows; r++) {
        _mm256_storeu_si256((__m256i *)(void *)(out + r * args->out_stride), sums[r].low);
        _mm256_storeu_si256((__m256i *)(void *)(out + r * args->out_stride + 8), sums[r].high);
    }
}

/* From integers to floats, eight outputs of a row. */
static void finish(const struct minnow_gemm_s8_args *args, size_t r, size_t n) {
    struct minnow_row_quantization row = args->quantization[r];
    float *out = args->out + r * args->out_stride + n;
    __m256i correction = _mm256_mullo_epi32(_mm256_set1_epi32(row.zero), load_integers(args->column_sum + n));
    __m256 exact = _mm256_cvtepi32_ps(_mm256_sub_epi32(load_integers(out), correction));
    __m256 scale = _mm256_mul_ps(_mm256_set1_ps(row.scale), _mm256_loadu_ps(args->scale + n));
    _mm256_storeu_ps(out, _mm256_fmadd_ps(exact, scale, _mm256_loadu_ps(args->bias + n)));
}

static void finish_tile(const struct pass *pass, size_t n, size_t rows) {
    if (pass->first_input + pass->inputs < pass->args->inputs) return;
    for (size_t r = pass->row; r < pass->row + rows; r++) {
        finish(pass->args, r, n);
        finish(pass->args, r, n + 8);
    }
}

static inline __attribute__((always_inline)) void pass_rows(const struct pass *pass, size_t rows) {
    struct panel panel;
    const int8_t *a = pass->args->a + pass->row * pass->args->a_stride + pass->first_input;
    for (size_t r = 0; r < rows; r++) split_row(a + r * pass->args->a_stride, pass->inputs, rows, panel.fours + r);
    for (size_t n = 0; n < pass->args->outputs; n += 16) {
        tile(pass, &panel, n, rows);
        finish_tile(pass, n, rows);
    }
}

static void run_pass(const struct pass *pass, size_t rows) {
    switch (rows) {
    case 1:
        pass_rows(pass, 1);
        break;
    case 2:
        pass_rows(pass, 2);
        break;
    case 3:
        pass_rows(pass, 3);
        break;
    default:
        pass_rows(pass, TILE_ROWS);
        break;
    }
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

void minnow_gemm_s8_avx2(const struct minnow_gemm_s8_args *args) {
    size_t inputs = MINNOW_PADDED(args->inputs);
    for (size_t row = 0; row < args->rows; row += TILE_ROWS)
        for (size_t k = 0; k < inputs; k += CHUNK_INPUTS) {
            struct pass pass = {args, row, k, smaller(inputs - k, CHUNK_INPUTS)};
            run_pass(&pass, smaller(args->rows - row, TILE_ROWS));
        }
}
