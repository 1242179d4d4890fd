/* VPDPBUSD multiplies unsigned by signed bytes: activations come as q + 128 (flip 0x80) and are broadcast four at a
 * time, weights are read as they lie, two registers for sixteen outputs. The sums of a tile stay in registers. */
#include <immintrin.h>
#include <string.h>

#include "kernels/x86/x86.h"

/* Twelve registers of sums, two of weights and one of activations are fifteen of sixteen; eight of sums hide the
 * latency of the products, so fewer rows take more outputs. */
enum { TILE_ROWS = 6, MOST_SUMS = 6, OFFSET = 128 };

/* Some rows and, in blocks of sixteen, some outputs. */
struct tile {
    const struct minnow_gemm_s8_args *args;
    size_t row, output;
    size_t weight_stride; /* bytes from the weights of a block to the next block's */
};

/* Sums or constants of a block. */
struct block {
    __m256i low, high;
};

static inline struct block load_block(const void *x) {
    const __m256i *registers = x;
    return (struct block){_mm256_loadu_si256(registers), _mm256_loadu_si256(registers + 1)};
}

static inline void store_block(void *x, struct block block) {
    _mm256_storeu_si256(x, block.low);
    _mm256_storeu_si256((__m256i *)x + 1, block.high);
}

static inline __m256i add_four(__m256i sums, const int8_t *a, __m256i weights) {
    int32_t four;
    memcpy(&four, a, sizeof four);
    return _mm256_dpbusd_avx_epi32(sums, _mm256_set1_epi32(four), weights);
}

/* From here on `rows` and `blocks` are constants where a function is inlined, and no loop runs over them: only so do
 * both compilers keep every sum in a register. */
#define INLINE static inline __attribute__((always_inline))

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

INLINE void store_rows(float *out, size_t stride, const struct block *sums, size_t rows) {
    store_block(out, sums[0]);
    if (rows > 1) store_block(out + 1 * stride, sums[1]);
    if (rows > 2) store_block(out + 2 * stride, sums[2]);
    if (rows > 3) store_block(out + 3 * stride, sums[3]);
    if (rows > 4) store_block(out + 4 * stride, sums[4]);
    if (rows > 5) store_block(out + 5 * stride, sums[5]);
}

/* Leaves the sums of the tile as integers in `out`. */
INLINE void sum_tile(const struct tile *tile, size_t rows, size_t blocks) {
    size_t a_stride = tile->args->a_stride, out_stride = tile->args->out_stride, next = tile->weight_stride;
    const int8_t *a = tile->args->a + tile->row * a_stride;
    const int8_t *weights = (const int8_t *)tile->args->weights + tile->output / 16 * next, *last = weights + next;
    float *out = tile->args->out + tile->row * out_stride + tile->output;
    const struct block zero = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    struct block sums[MOST_SUMS] = {zero, zero, zero, zero, zero, zero};
    for (; weights < last; weights += 64, a += 4) {
        add_rows(sums, a, a_stride, weights, rows);
        if (blocks > 1) add_rows(sums + 1 * rows, a, a_stride, weights + 1 * next, rows);
        if (blocks > 2) add_rows(sums + 2 * rows, a, a_stride, weights + 2 * next, rows);
        if (blocks > 3) add_rows(sums + 3 * rows, a, a_stride, weights + 3 * next, rows);
    }
    store_rows(out, out_stride, sums, rows);
    if (blocks > 1) store_rows(out + 16, out_stride, sums + 1 * rows, rows);
    if (blocks > 2) store_rows(out + 32, out_stride, sums + 2 * rows, rows);
    if (blocks > 3) store_rows(out + 48, out_stride, sums + 3 * rows, rows);
}

static inline __m256 to_floats(__m256i sums, __m256i zero, __m256i column_sum, __m256 scale, __m256 bias) {
    __m256 exact = _mm256_cvtepi32_ps(_mm256_sub_epi32(sums, _mm256_mullo_epi32(zero, column_sum)));
    return _mm256_fmadd_ps(exact, scale, bias);
}

/* From integers to floats, in place: the rows of a block. */
static void finish_block(const struct minnow_gemm_s8_args *args, size_t row, size_t rows, size_t n) {
    struct block column_sum = load_block(args->column_sum + n);
    __m256 low_scale = _mm256_loadu_ps(args->scale + n), high_scale = _mm256_loadu_ps(args->scale + n + 8);
    __m256 low_bias = _mm256_loadu_ps(args->bias + n), high_bias = _mm256_loadu_ps(args->bias + n + 8);
    const struct minnow_row_quantization *quantization = args->quantization + row, *end = quantization + rows;
    size_t stride = args->out_stride;
    for (float *out = args->out + row * stride + n; quantization < end; quantization++, out += stride) {
        __m256 scale = _mm256_set1_ps(quantization->scale);
        __m256i zero = _mm256_add_epi32(_mm256_set1_epi32(quantization->zero), _mm256_set1_epi32(OFFSET));
        struct block sums = load_block(out);
        __m256 low = to_floats(sums.low, zero, column_sum.low, _mm256_mul_ps(scale, low_scale), low_bias);
        __m256 high = to_floats(sums.high, zero, column_sum.high, _mm256_mul_ps(scale, high_scale), high_bias);
        _mm256_storeu_ps(out, low);
        _mm256_storeu_ps(out + 8, high);
    }
}

INLINE void run_tile(struct tile tile, size_t rows, size_t blocks) {
    sum_tile(&tile, rows, blocks);
    for (size_t b = 0; b < blocks; b++) finish_block(tile.args, tile.row, rows, tile.output + 16 * b);
}

static void run_one_block(struct tile tile, size_t rows) {
    switch (rows) {
    case 1: run_tile(tile, 1, 1); break;
    case 2: run_tile(tile, 2, 1); break;
    case 3: run_tile(tile, 3, 1); break;
    case 4: run_tile(tile, 4, 1); break;
    case 5: run_tile(tile, 5, 1); break;
    default: run_tile(tile, TILE_ROWS, 1); break;
    }
}

static void run_two_blocks(struct tile tile, size_t rows) {
    switch (rows) {
    case 1: run_tile(tile, 1, 2); break;
    case 2: run_tile(tile, 2, 2); break;
    default: run_tile(tile, 3, 2); break;
    }
}

static void run_blocks(struct tile tile, size_t rows, size_t blocks) {
    switch (blocks) {
    case 4: run_tile(tile, 1, 4); break;
    case 2: run_two_blocks(tile, rows); break;
    default: run_one_block(tile, rows); break;
    }
}

static size_t blocks_for(size_t rows) { return rows == 1 ? 4 : rows <= 3 ? 2 : 1; }

/* All rows against the same outputs, whose weights the first rows bring into the nearest cache. */
static void run_outputs(struct tile tile, size_t tile_count, size_t blocks) {
    size_t rows = tile.args->rows;
    for (size_t t = 0; t < tile_count; t++) {
        size_t end = (t + 1) * rows / tile_count;
        run_blocks(tile, end - tile.row, blocks);
        tile.row = end;
    }
}

void minnow_gemm_s8_avxvnni(const struct minnow_gemm_s8_args *args) {
    struct tile tile = {.args = args, .weight_stride = 16 * MINNOW_PADDED(args->inputs)};
    size_t tile_count = (args->rows + TILE_ROWS - 1) / TILE_ROWS; /* of rows, as equal as can be */
    size_t most = blocks_for((args->rows + tile_count - 1) / tile_count);
    size_t left = (args->outputs + 15) / 16;
    while (left > 0) {
        size_t blocks = left >= most ? most : left >= 2 ? 2 : 1;
        run_outputs(tile, tile_count, blocks);
        tile.output += 16 * blocks;
        left -= blocks;
    }
}
