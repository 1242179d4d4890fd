/* The s8 product of the 256-bit tiers: tiles of some rows and some outputs, whose sums stay in registers. What differs
 * is add_rows(), how products are made and added. */
#ifndef MINNOW_TILES_AVX2_H
#define MINNOW_TILES_AVX2_H

#include <immintrin.h>
#include <string.h>

#include "kernels/kernels.h"

enum { TILE_ROWS = 6, MOST_SUMS = 6 };

/* Some rows and, in blocks of sixteen, some outputs. */
struct tile {
    const struct minnow_gemm_s8_args *args;
    size_t row, output;
    int32_t offset;       /* of activations: what was added to them */
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

static inline __m256i broadcast_four(const int8_t *a) {
    int32_t four;
    memcpy(&four, a, sizeof four);
    return _mm256_set1_epi32(four);
}

/* `rows` and `blocks` are constants where a function of this mark is inlined, and no loop runs over them: only so do
 * both compilers keep every sum in a register. */
#define INLINE static inline __attribute__((always_inline))

/* Adds the products of four inputs of `rows` rows and a block of weights. The file that includes this defines it. */
INLINE void add_rows(struct block *sums, const int8_t *a, size_t stride, const int8_t *weights, size_t rows);

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
static void finish_block(const struct minnow_gemm_s8_args *args, size_t row, size_t rows, size_t n, int32_t offset) {
    struct block column_sum = load_block(args->column_sum + n);
    __m256 low_scale = _mm256_loadu_ps(args->scale + n), high_scale = _mm256_loadu_ps(args->scale + n + 8);
    __m256 low_bias = _mm256_loadu_ps(args->bias + n), high_bias = _mm256_loadu_ps(args->bias + n + 8);
    const struct minnow_row_quantization *quantization = args->quantization + row, *end = quantization + rows;
    size_t stride = args->out_stride;
    for (float *out = args->out + row * stride + n; quantization < end; quantization++, out += stride) {
        __m256 scale = _mm256_set1_ps(quantization->scale);
        __m256i zero = _mm256_add_epi32(_mm256_set1_epi32(quantization->zero), _mm256_set1_epi32(offset));
        struct block sums = load_block(out);
        __m256 low = to_floats(sums.low, zero, column_sum.low, _mm256_mul_ps(scale, low_scale), low_bias);
        __m256 high = to_floats(sums.high, zero, column_sum.high, _mm256_mul_ps(scale, high_scale), high_bias);
        _mm256_storeu_ps(out, low);
        _mm256_storeu_ps(out + 8, high);
    }
}

INLINE void run_tile(struct tile tile, size_t rows, size_t blocks) {
    sum_tile(&tile, rows, blocks);
    for (size_t b = 0; b < blocks; b++) finish_block(tile.args, tile.row, rows, tile.output + 16 * b, tile.offset);
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

/* A few rows have few sums, which wait for each other: more outputs then. */
static size_t blocks_for(size_t rows, size_t few) { return rows == 1 ? 4 : rows <= few ? 2 : 1; }

/* All rows against the same outputs, whose weights the first rows bring into the nearest cache. */
static void run_outputs(struct tile tile, size_t tile_count, size_t blocks) {
    size_t rows = tile.args->rows;
    for (size_t t = 0; t < tile_count; t++) {
        size_t end = (t + 1) * rows / tile_count;
        run_blocks(tile, end - tile.row, blocks);
        tile.row = end;
    }
}

/* `few`: up to how many rows (2 or 3) meet two blocks at a time. */
static void multiply(const struct minnow_gemm_s8_args *args, int32_t offset, size_t few) {
    struct tile tile = {.args = args, .offset = offset, .weight_stride = 16 * MINNOW_PADDED(args->inputs)};
    size_t tile_count = (args->rows + TILE_ROWS - 1) / TILE_ROWS; /* of rows, as equal as can be */
    size_t most = blocks_for((args->rows + tile_count - 1) / tile_count, few);
    size_t left = (args->outputs + 15) / 16;
    while (left > 0) {
        size_t blocks = left >= most ? most : left >= 2 ? 2 : 1;
        run_outputs(tile, tile_count, blocks);
        tile.output += 16 * blocks;
        left -= blocks;
    }
}

#endif
