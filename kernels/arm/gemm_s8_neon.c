/* For CPUs without dot products: two products of bytes fit a word (2 * 128 * 127), so that words are widened once for
 * every two multiplications. A register of weights holds two outputs x four inputs, and meets four activations twice. */
#include <string.h>

#include "kernels/arm/arm.h"
#include "kernels/arm/gemm_s8_arm.h"

enum { TILE_ROWS = 4, TILE_PAIRS = 4, MOST_PAIRS = 8 };

#define INLINE static inline __attribute__((always_inline))
/* Each tile is a function of its own: a profile, and bench/arm, can name it. */
#define TILE static __attribute__((noinline))

/* One turn of the loop below: eight inputs of four rows and eight outputs, sixteen chains smull, smlal, sadalp. They
 * overlap: a chain's smull, the chain before's smlal and the third before's sadalp follow each other, so that a CPU
 * that runs instructions in order (Cortex-A53, A55) waits for nothing and has a slot for each load beside them.
 * Compilers order this badly, and spill.
 * v0-v3: words, v4-v7 weights of inputs 0..3, v8-v11 of inputs 4..7, v12, v13 and v14, v15: the activations of an even
 * and an odd row, v16-v31: sums, four registers a row. In the last turn `step` is 0: what is loaded for a next one is
 * what was there before. */
#define EIGHT_INPUTS \
    "smull v0.8h, v4.8b, v12.8b\n    ldr d9, [%[w], 72]\n subs %[depth], %[depth], 8\n" \
    "sadalp v29.4s, v1.8h\n" \
    "smlal v3.8h, v11.8b, v15.8b\n   ldr d6, [%[w], 16]\n" \
    "smull v1.8h, v5.8b, v12.8b\n    ldr d7, [%[w], 24]\n" \
    "sadalp v30.4s, v2.8h\n          ld2r {v14.2s, v15.2s}, [%[a1]]\n" \
    "smlal v0.8h, v8.8b, v13.8b\n" \
    "smull v2.8h, v6.8b, v12.8b\n" \
    "sadalp v31.4s, v3.8h\n          ldr d10, [%[w], 80]\n" \
    "smlal v1.8h, v9.8b, v13.8b\n" \
    "smull v3.8h, v7.8b, v12.8b\n" \
    "sadalp v16.4s, v0.8h\n          ldr d11, [%[w], 88]\n" \
    "smlal v2.8h, v10.8b, v13.8b\n" \
    "smull v0.8h, v4.8b, v14.8b\n    csel %[step], %[step], xzr, ne\n" \
    "sadalp v17.4s, v1.8h\n" \
    "smlal v3.8h, v11.8b, v13.8b\n" \
    "smull v1.8h, v5.8b, v14.8b\n" \
    "sadalp v18.4s, v2.8h\n" \
    "smlal v0.8h, v8.8b, v15.8b\n    add %[a0], %[a0], %[step]\n add %[w], %[w], %[step], lsl 4\n" \
    "smull v2.8h, v6.8b, v14.8b\n" \
    "sadalp v19.4s, v3.8h\n          ld2r {v12.2s, v13.2s}, [%[a2]]\n" \
    "smlal v1.8h, v9.8b, v15.8b\n" \
    "smull v3.8h, v7.8b, v14.8b\n" \
    "sadalp v20.4s, v0.8h\n" \
    "smlal v2.8h, v10.8b, v15.8b\n" \
    "smull v0.8h, v4.8b, v12.8b\n" \
    "sadalp v21.4s, v1.8h\n" \
    "smlal v3.8h, v11.8b, v15.8b\n" \
    "smull v1.8h, v5.8b, v12.8b\n" \
    "sadalp v22.4s, v2.8h\n" \
    "smlal v0.8h, v8.8b, v13.8b\n" \
    "smull v2.8h, v6.8b, v12.8b\n    ld2r {v14.2s, v15.2s}, [%[a3]]\n" \
    "sadalp v23.4s, v3.8h\n          add %[a1], %[a1], %[step]\n add %[a2], %[a2], %[step]\n" \
    "smlal v1.8h, v9.8b, v13.8b\n" \
    "smull v3.8h, v7.8b, v12.8b\n" \
    "sadalp v24.4s, v0.8h\n" \
    "smlal v2.8h, v10.8b, v13.8b\n" \
    "smull v0.8h, v4.8b, v14.8b\n    ldr d4, [%[w]]\n" \
    "sadalp v25.4s, v1.8h\n" \
    "smlal v3.8h, v11.8b, v13.8b\n" \
    "smull v1.8h, v5.8b, v14.8b\n" \
    "sadalp v26.4s, v2.8h\n          ldr d5, [%[w], 8]\n" \
    "smlal v0.8h, v8.8b, v15.8b\n" \
    "smull v2.8h, v6.8b, v14.8b\n    ld2r {v12.2s, v13.2s}, [%[a0]]\n" \
    "sadalp v27.4s, v3.8h\n" \
    "smlal v1.8h, v9.8b, v15.8b\n    ldr d8, [%[w], 64]\n add %[a3], %[a3], %[step]\n" \
    "smull v3.8h, v7.8b, v14.8b\n" \
    "sadalp v28.4s, v0.8h\n" \
    "smlal v2.8h, v10.8b, v15.8b\n"

#define ZERO(a, b, c, d) \
    "movi v" #a ".4s, 0\n movi v" #b ".4s, 0\n movi v" #c ".4s, 0\n movi v" #d ".4s, 0\n"

/* Eight outputs of four rows, in pairs to be added: sums[r][output][2]. depth: a multiple of 8, not 0. */
TILE void multiply(const int8_t *a, size_t a_stride, const int8_t *weights, size_t depth,
                   int32_t sums[TILE_ROWS][16]) {
    const int8_t *a0 = a, *a1 = a0 + a_stride, *a2 = a1 + a_stride, *a3 = a2 + a_stride;
    size_t step = 8;
    __asm__ volatile(
        ZERO(16, 17, 18, 19) ZERO(20, 21, 22, 23) ZERO(24, 25, 26, 27) ZERO(28, 29, 30, 31) ZERO(1, 2, 3, 15)
        "ldp d4, d5, [%[w]]\n ldr d8, [%[w], 64]\n ld2r {v12.2s, v13.2s}, [%[a0]]\n"
        "1:\n" EIGHT_INPUTS "b.ne 1b\n"
        "smlal v3.8h, v11.8b, v15.8b\n sadalp v29.4s, v1.8h\n sadalp v30.4s, v2.8h\n sadalp v31.4s, v3.8h\n"
        "st1 {v16.4s-v19.4s}, [%[sums]], 64\n st1 {v20.4s-v23.4s}, [%[sums]], 64\n"
        "st1 {v24.4s-v27.4s}, [%[sums]], 64\n st1 {v28.4s-v31.4s}, [%[sums]]\n"
        : [a0] "+r"(a0), [a1] "+r"(a1), [a2] "+r"(a2), [a3] "+r"(a3), [w] "+r"(weights), [depth] "+r"(depth),
          [step] "+r"(step), [sums] "+r"(sums)
        :
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",
          "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31",
          "cc", "memory");
}

static void run_tile(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    int32_t sums[TILE_ROWS][16];
    multiply(args->a + r * args->a_stride, args->a_stride, weights, MINNOW_PADDED(args->inputs), sums);
    for (size_t i = 0; i < TILE_ROWS; i++) {
        finish_four(args, r + i, n, vpaddq_s32(vld1q_s32(sums[i]), vld1q_s32(sums[i] + 4)));
        finish_four(args, r + i, n + 4, vpaddq_s32(vld1q_s32(sums[i] + 8), vld1q_s32(sums[i] + 12)));
    }
}

/* Fewer rows: `rows` and `pairs` are constants where this is inlined, and no register is short. */
INLINE int8x8_t four_twice(const int8_t *a) {
    int32_t four;
    memcpy(&four, a, sizeof four);
    return vreinterpret_s8_s32(vdup_n_s32(four));
}

INLINE void add_products(int32x4_t *sums, const int8_t *weights, const int8_t *a, size_t rows, size_t a_stride,
                         size_t pairs) {
    int8x8_t first[TILE_ROWS], second[TILE_ROWS];
    for (size_t r = 0; r < rows; r++) first[r] = four_twice(a + r * a_stride);
    for (size_t r = 0; r < rows; r++) second[r] = four_twice(a + r * a_stride + 4);
    for (size_t i = 0; i < pairs; i++) {
        int8x8_t w = vld1_s8(weights + 8 * i), next = vld1_s8(weights + 64 + 8 * i);
        for (size_t r = 0; r < rows; r++) {
            int16x8_t words = vmlal_s8(vmull_s8(w, first[r]), next, second[r]);
            sums[r * pairs + i] = vpadalq_s16(sums[r * pairs + i], words);
        }
    }
}

INLINE void short_tile(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t n, size_t rows,
                       size_t pairs) {
    size_t depth = MINNOW_PADDED(args->inputs);
    int32x4_t sums[(TILE_ROWS - 1) * TILE_PAIRS];
    for (size_t i = 0; i < rows * pairs; i++) sums[i] = vdupq_n_s32(0);
    for (size_t k = 0; k < depth; k += 8)
        add_products(sums, weights + 16 * k, args->a + k, rows, args->a_stride, pairs);
    for (size_t i = 0; i < rows * pairs; i += 2)
        finish_four(args, i / pairs, n + i % pairs * 2, vpaddq_s32(sums[i], sums[i + 1]));
}

/* Sixteen outputs of up to three rows; each keeps at least eight registers of sums. */
TILE void one_row(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t n) {
    short_tile(args, weights, n, 1, MOST_PAIRS);
}

TILE void two_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t n) {
    for (size_t half = 0; half < 2; half++) short_tile(args, weights + 32 * half, n + 8 * half, 2, TILE_PAIRS);
}

TILE void three_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t n) {
    for (size_t half = 0; half < 2; half++) short_tile(args, weights + 32 * half, n + 8 * half, 3, TILE_PAIRS);
}

static void short_block(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t n) {
    switch (args->rows) {
    case 1: one_row(args, weights, n); break;
    case 2: two_rows(args, weights, n); break;
    case 3: three_rows(args, weights, n); break;
    default: break;
    }
}

void minnow_gemm_s8_neon(const struct minnow_gemm_s8_args *args) {
    const int8_t *weights = args->weights;
    size_t whole = args->rows / TILE_ROWS * TILE_ROWS;
    struct minnow_gemm_s8_args rest = rows_from(args, whole);
    for (size_t n = 0; n < args->outputs; n += 16, weights += 16 * MINNOW_PADDED(args->inputs)) {
        for (size_t r = 0; r < whole; r += TILE_ROWS) run_tile(args, weights, r, n);
        for (size_t r = 0; r < whole; r += TILE_ROWS) run_tile(args, weights + 32, r, n + 8);
        short_block(&rest, weights, n);
    }
}
