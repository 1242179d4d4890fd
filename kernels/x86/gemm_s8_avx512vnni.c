/* VPDPBUSD multiplies unsigned by signed bytes: activations come as q + 128 (flip 0x80) and are broadcast four at a
 * time, weights are read as they lie, one register for sixteen outputs. The sums of a tile stay in registers. */
#include <string.h>

#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

enum { TILE_ROWS = 12, MOST_VECTORS = 8, MOST_SUMS = 24, OFFSET = 128 };
/* Bytes of weights that the nearest cache holds beside the rest, and how far ahead to fetch where a tile is more. */
enum { FAR = 1 << 14, NEAR = 1 << 12 };

/* Some rows and, in vectors of sixteen, some outputs. */
struct tile {
    const struct minnow_gemm_s8_args *args;
    size_t row, output;
    size_t weight_stride; /* bytes from the weights of sixteen outputs to the next sixteen's */
};

/* Addresses of up to twelve rows (or streams of weights) a stride apart: every third has a register of its own, and
 * the two after it are reached by scaled indices. Compilers left alone spend a register on each, and spill. */
struct streams {
    const int8_t *thirds[4];
    size_t stride;
};

static inline struct streams begin_streams(const int8_t *first, size_t stride) {
    return (struct streams){{first, first + 3 * stride, first + 6 * stride, first + 9 * stride}, stride};
}

static inline const int8_t *stream(const struct streams *streams, size_t i) {
    return streams->thirds[i / 3] + i % 3 * streams->stride;
}

static inline __attribute__((always_inline)) void advance(struct streams *streams, size_t count, size_t bytes) {
    for (size_t i = 0; i < (count + 2) / 3; i++) {
        streams->thirds[i] += bytes;
        __asm__("" : "+r"(streams->thirds[i])); /* keeps the compiler from taking it apart */
    }
}

static inline __m512i broadcast_four(const int8_t *a) {
    int32_t four;
    memcpy(&four, a, sizeof four);
    return _mm512_set1_epi32(four);
}

/* From here on `rows` and `vectors` are constants where a function is inlined, and no loop runs over them: only so do
 * both compilers keep every sum in a register. */
#define INLINE static inline __attribute__((always_inline))

/* The instruction itself: around the intrinsic gcc 12 copies sums to and fro. */
INLINE __m512i add_four_products(__m512i sums, __m512i unsigned_bytes, __m512i signed_bytes) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(unsigned_bytes), "v"(signed_bytes));
    return sums;
}

INLINE void load_weights(__m512i *w, const struct streams *weights, size_t vectors) {
    w[0] = _mm512_loadu_si512(stream(weights, 0));
    if (vectors > 1) w[1] = _mm512_loadu_si512(stream(weights, 1));
    if (vectors > 2) w[2] = _mm512_loadu_si512(stream(weights, 2));
    if (vectors > 3) w[3] = _mm512_loadu_si512(stream(weights, 3));
    if (vectors > 4) w[4] = _mm512_loadu_si512(stream(weights, 4));
    if (vectors > 5) w[5] = _mm512_loadu_si512(stream(weights, 5));
    if (vectors > 6) w[6] = _mm512_loadu_si512(stream(weights, 6));
    if (vectors > 7) w[7] = _mm512_loadu_si512(stream(weights, 7));
}

INLINE void add_row(__m512i *sums, const int8_t *a, const __m512i *w, size_t vectors) {
    __m512i four = broadcast_four(a);
    sums[0] = add_four_products(sums[0], four, w[0]);
    if (vectors > 1) sums[1] = add_four_products(sums[1], four, w[1]);
    if (vectors > 2) sums[2] = add_four_products(sums[2], four, w[2]);
    if (vectors > 3) sums[3] = add_four_products(sums[3], four, w[3]);
    if (vectors > 4) sums[4] = add_four_products(sums[4], four, w[4]);
    if (vectors > 5) sums[5] = add_four_products(sums[5], four, w[5]);
    if (vectors > 6) sums[6] = add_four_products(sums[6], four, w[6]);
    if (vectors > 7) sums[7] = add_four_products(sums[7], four, w[7]);
}

INLINE void add_rows(__m512i *sums, const struct streams *a, const __m512i *w, size_t rows, size_t vectors) {
    add_row(sums, stream(a, 0), w, vectors);
    if (rows > 1) add_row(sums + 1 * vectors, stream(a, 1), w, vectors);
    if (rows > 2) add_row(sums + 2 * vectors, stream(a, 2), w, vectors);
    if (rows > 3) add_row(sums + 3 * vectors, stream(a, 3), w, vectors);
    if (rows > 4) add_row(sums + 4 * vectors, stream(a, 4), w, vectors);
    if (rows > 5) add_row(sums + 5 * vectors, stream(a, 5), w, vectors);
    if (rows > 6) add_row(sums + 6 * vectors, stream(a, 6), w, vectors);
    if (rows > 7) add_row(sums + 7 * vectors, stream(a, 7), w, vectors);
    if (rows > 8) add_row(sums + 8 * vectors, stream(a, 8), w, vectors);
    if (rows > 9) add_row(sums + 9 * vectors, stream(a, 9), w, vectors);
    if (rows > 10) add_row(sums + 10 * vectors, stream(a, 10), w, vectors);
    if (rows > 11) add_row(sums + 11 * vectors, stream(a, 11), w, vectors);
}

/* Sums begin with what the zero point will have added too much. */
INLINE void begin_row(const struct tile *tile, size_t r, size_t vectors, __m512i *sums) {
    const int32_t *column_sum = tile->args->column_sum + tile->output;
    __m512i zero = _mm512_set1_epi32(tile->args->quantization[tile->row + r].zero);
    zero = _mm512_sub_epi32(_mm512_set1_epi32(-OFFSET), zero);
    sums[0] = _mm512_mullo_epi32(zero, _mm512_loadu_si512(column_sum));
    if (vectors > 1) sums[1] = _mm512_mullo_epi32(zero, _mm512_loadu_si512(column_sum + 16));
    if (vectors > 2) sums[2] = _mm512_mullo_epi32(zero, _mm512_loadu_si512(column_sum + 32));
    if (vectors > 3) sums[3] = _mm512_mullo_epi32(zero, _mm512_loadu_si512(column_sum + 48));
    if (vectors > 4) sums[4] = _mm512_mullo_epi32(zero, _mm512_loadu_si512(column_sum + 64));
    if (vectors > 5) sums[5] = _mm512_mullo_epi32(zero, _mm512_loadu_si512(column_sum + 80));
    if (vectors > 6) sums[6] = _mm512_mullo_epi32(zero, _mm512_loadu_si512(column_sum + 96));
    if (vectors > 7) sums[7] = _mm512_mullo_epi32(zero, _mm512_loadu_si512(column_sum + 112));
}

INLINE void begin_rows(const struct tile *tile, size_t rows, size_t vectors, __m512i *sums) {
    begin_row(tile, 0, vectors, sums);
    if (rows > 1) begin_row(tile, 1, vectors, sums + 1 * vectors);
    if (rows > 2) begin_row(tile, 2, vectors, sums + 2 * vectors);
    if (rows > 3) begin_row(tile, 3, vectors, sums + 3 * vectors);
    if (rows > 4) begin_row(tile, 4, vectors, sums + 4 * vectors);
    if (rows > 5) begin_row(tile, 5, vectors, sums + 5 * vectors);
    if (rows > 6) begin_row(tile, 6, vectors, sums + 6 * vectors);
    if (rows > 7) begin_row(tile, 7, vectors, sums + 7 * vectors);
    if (rows > 8) begin_row(tile, 8, vectors, sums + 8 * vectors);
    if (rows > 9) begin_row(tile, 9, vectors, sums + 9 * vectors);
    if (rows > 10) begin_row(tile, 10, vectors, sums + 10 * vectors);
    if (rows > 11) begin_row(tile, 11, vectors, sums + 11 * vectors);
}

/* Sixteen outputs of a tile's rows. By value: what is stored could else be one of these. */
struct results {
    const struct minnow_row_quantization *rows;
    __m512 scale, bias;
    float *out;
    size_t stride;
};

INLINE void finish_row(struct results results, size_t r, __m512i sums) {
    __m512 scale = _mm512_mul_ps(_mm512_set1_ps(results.rows[r].scale), results.scale);
    _mm512_storeu_ps(results.out + r * results.stride, _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), scale, results.bias));
}

INLINE void finish_vector(const struct tile *tile, size_t v, size_t rows, size_t vectors, const __m512i *sums) {
    const struct minnow_gemm_s8_args *args = tile->args;
    size_t output = tile->output + 16 * v;
    struct results results = {args->quantization + tile->row, _mm512_loadu_ps(args->scale + output),
                              _mm512_loadu_ps(args->bias + output), args->out + tile->row * args->out_stride + output,
                              args->out_stride};
    finish_row(results, 0, sums[v]);
    if (rows > 1) finish_row(results, 1, sums[1 * vectors + v]);
    if (rows > 2) finish_row(results, 2, sums[2 * vectors + v]);
    if (rows > 3) finish_row(results, 3, sums[3 * vectors + v]);
    if (rows > 4) finish_row(results, 4, sums[4 * vectors + v]);
    if (rows > 5) finish_row(results, 5, sums[5 * vectors + v]);
    if (rows > 6) finish_row(results, 6, sums[6 * vectors + v]);
    if (rows > 7) finish_row(results, 7, sums[7 * vectors + v]);
    if (rows > 8) finish_row(results, 8, sums[8 * vectors + v]);
    if (rows > 9) finish_row(results, 9, sums[9 * vectors + v]);
    if (rows > 10) finish_row(results, 10, sums[10 * vectors + v]);
    if (rows > 11) finish_row(results, 11, sums[11 * vectors + v]);
}

INLINE void finish_rows(const struct tile *tile, size_t rows, size_t vectors, const __m512i *sums) {
    finish_vector(tile, 0, rows, vectors, sums);
    if (vectors > 1) finish_vector(tile, 1, rows, vectors, sums);
    if (vectors > 2) finish_vector(tile, 2, rows, vectors, sums);
    if (vectors > 3) finish_vector(tile, 3, rows, vectors, sums);
    if (vectors > 4) finish_vector(tile, 4, rows, vectors, sums);
    if (vectors > 5) finish_vector(tile, 5, rows, vectors, sums);
    if (vectors > 6) finish_vector(tile, 6, rows, vectors, sums);
    if (vectors > 7) finish_vector(tile, 7, rows, vectors, sums);
}

/* Meanwhile the weights of the next tile, which follow, come nearer; of a large one, those needed soon. */
INLINE void run_tile(const struct tile *tile, size_t rows, size_t vectors) {
    const struct minnow_gemm_s8_args *args = tile->args;
    const int8_t *first = (const int8_t *)args->weights + tile->output / 16 * tile->weight_stride;
    const int8_t *end = first + tile->weight_stride;
    size_t ahead = vectors * tile->weight_stride < FAR ? vectors * tile->weight_stride : NEAR;
    struct streams a = begin_streams(args->a + tile->row * args->a_stride, args->a_stride);
    struct streams weights = begin_streams(first, tile->weight_stride);
    __m512i sums[MOST_SUMS];
    begin_rows(tile, rows, vectors, sums);
    while (weights.thirds[0] < end) {
        __m512i w[MOST_VECTORS];
        load_weights(w, &weights, vectors);
        add_rows(sums, &a, w, rows, vectors);
        for (size_t v = 0; v < vectors; v++) _mm_prefetch((const char *)(stream(&weights, v) + ahead), _MM_HINT_T0);
        advance(&a, rows, 4);
        advance(&weights, vectors, 64);
    }
    finish_rows(tile, rows, vectors, sums);
}

INLINE void run_any_rows(const struct tile *tile, size_t rows, size_t vectors) {
    switch (rows) {
    case 1: run_tile(tile, 1, vectors); break;
    case 2: run_tile(tile, 2, vectors); break;
    case 3: run_tile(tile, 3, vectors); break;
    case 4: run_tile(tile, 4, vectors); break;
    case 5: run_tile(tile, 5, vectors); break;
    case 6: run_tile(tile, 6, vectors); break;
    case 7: run_tile(tile, 7, vectors); break;
    case 8: run_tile(tile, 8, vectors); break;
    case 9: run_tile(tile, 9, vectors); break;
    case 10: run_tile(tile, 10, vectors); break;
    case 11: run_tile(tile, 11, vectors); break;
    default: run_tile(tile, TILE_ROWS, vectors); break;
    }
}

static void run_one_vector(const struct tile *tile, size_t rows) { run_any_rows(tile, rows, 1); }

static void run_two_vectors(const struct tile *tile, size_t rows) { run_any_rows(tile, rows, 2); }

/* The products of a few rows wait for each other unless there are many sums: more outputs then. */
static void run_four_vectors(const struct tile *tile, size_t rows) {
    switch (rows) {
    case 3: run_tile(tile, 3, 4); break;
    case 4: run_tile(tile, 4, 4); break;
    case 5: run_tile(tile, 5, 4); break;
    default: run_tile(tile, 6, 4); break;
    }
}

static void run_eight_vectors(const struct tile *tile, size_t rows) {
    if (rows == 1)
        run_tile(tile, 1, 8);
    else
        run_tile(tile, 2, 8);
}

static size_t vectors_for(size_t rows) { return rows <= 2 ? 8 : rows <= 6 ? 4 : 2; }

static void run_vectors(const struct tile *tile, size_t rows, size_t vectors) {
    switch (vectors) {
    case 8: run_eight_vectors(tile, rows); break;
    case 4: run_four_vectors(tile, rows); break;
    case 2: run_two_vectors(tile, rows); break;
    default: run_one_vector(tile, rows); break;
    }
}

/* What the next outputs need beside their weights. */
static void fetch_next_constants(const struct minnow_gemm_s8_args *args, size_t output, size_t vectors) {
    for (size_t next = output; next < output + 16 * vectors; next += 16) {
        _mm_prefetch((const char *)(args->column_sum + next), _MM_HINT_T0);
        _mm_prefetch((const char *)(args->scale + next), _MM_HINT_T0);
        _mm_prefetch((const char *)(args->bias + next), _MM_HINT_T0);
    }
}

/* The rows as `count` tiles: the first `larger` of them have a row more than the others. */
struct division {
    size_t count, rows, larger;
};

/* As few tiles as can be, as equal as can be. */
static struct division divide(size_t rows) {
    size_t count = (rows + TILE_ROWS - 1) / TILE_ROWS, each = count ? rows / count : 0;
    return (struct division){count, each, rows - count * each};
}

/* All rows against the same outputs, whose weights the first rows bring into the nearest cache. */
static void run_outputs(struct tile *tile, struct division division, size_t vectors) {
    tile->row = 0;
    fetch_next_constants(tile->args, tile->output + 16 * vectors, vectors);
    for (size_t t = 0; t < division.count; t++) {
        size_t rows = division.rows + (t < division.larger);
        run_vectors(tile, rows, vectors);
        tile->row += rows;
    }
}

void minnow_gemm_s8_avx512vnni(const struct minnow_gemm_s8_args *args) {
    struct tile tile = {.args = args, .weight_stride = 16 * MINNOW_PADDED(args->inputs)};
    struct division division = divide(args->rows);
    size_t most = vectors_for(division.rows + (division.larger > 0)), left = (args->outputs + 15) / 16;
    while (left > 0) {
        size_t vectors = left >= most ? most : left >= 2 ? 2 : 1;
        run_outputs(&tile, division, vectors);
        tile.output += 16 * vectors;
        left -= vectors;
    }
}
