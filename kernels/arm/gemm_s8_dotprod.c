/* One SDOT adds four inputs of four outputs to a row's sums: weights are read as they lie, and sixteen activations of a
 * row are one register, whose fours the SDOTs choose. */
#include "kernels/arm/arm.h"
#include "kernels/arm/gemm_s8_arm.h"

/* A step takes sixteen inputs of eight outputs, half of what four blocks hold; up to eight rows keep their sums. */
enum { TILE_ROWS = 8, STEP_INPUTS = 16, STEP_BLOCKS = 4, HALF = 32 };

#define INLINE static inline __attribute__((always_inline))
/* Each tile is a function of its own: a profile, and bench/arm, can name it. */
#define TILE static __attribute__((noinline))

/* One load an instruction: compilers would join and reorder them, and run out of registers. */
typedef int8x16_t __attribute__((may_alias, aligned(1))) unaligned_sixteen;
INLINE int8x16_t load_sixteen(const int8_t *x) { return *(const volatile unaligned_sixteen *)x; }

struct weights {
    int8x16_t low[STEP_BLOCKS], high[STEP_BLOCKS]; /* outputs 0..3 and 4..7 */
};

INLINE struct weights load_weights(const int8_t *weights) {
    struct weights w;
    for (size_t i = 0; i < STEP_BLOCKS; i++) {
        w.low[i] = load_sixteen(weights + 64 * i);
        w.high[i] = load_sixteen(weights + 64 * i + 16);
    }
    return w;
}

INLINE void add_products(int32x4_t sums[2], const struct weights *w, int8x16_t a) {
    sums[0] = vdotq_laneq_s32(sums[0], w->low[0], a, 0);
    sums[1] = vdotq_laneq_s32(sums[1], w->high[0], a, 0);
    sums[0] = vdotq_laneq_s32(sums[0], w->low[1], a, 1);
    sums[1] = vdotq_laneq_s32(sums[1], w->high[1], a, 1);
    sums[0] = vdotq_laneq_s32(sums[0], w->low[2], a, 2);
    sums[1] = vdotq_laneq_s32(sums[1], w->high[2], a, 2);
    sums[0] = vdotq_laneq_s32(sums[0], w->low[3], a, 3);
    sums[1] = vdotq_laneq_s32(sums[1], w->high[3], a, 3);
}

/* Called, so that the loop over rows stays small and is unrolled: else clang keeps the sums in memory. */
static __attribute__((noinline)) void finish_eight(const struct minnow_gemm_s8_args *args, size_t r, size_t n,
                                                   int32x4_t low, int32x4_t high) {
    finish_four(args, r, n, low);
    finish_four(args, r, n + 4, high);
}

/* `rows` and `halves` (of a block's sixteen outputs) are constants where this is inlined. */
INLINE void run_tile(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t first, size_t n,
                     size_t rows, size_t halves) {
    const int8_t *a = args->a + first * args->a_stride;
    size_t a_stride = args->a_stride, depth = MINNOW_PADDED(args->inputs);
    int32x4_t sums[2][TILE_ROWS][2];
    for (size_t h = 0; h < halves; h++)
        for (size_t r = 0; r < rows; r++) sums[h][r][0] = sums[h][r][1] = vdupq_n_s32(0);
    for (size_t k = 0; k < depth; k += STEP_INPUTS, weights += STEP_BLOCKS * 64)
        for (size_t h = 0; h < halves; h++) {
            struct weights w = load_weights(weights + h * HALF);
            for (size_t r = 0; r < rows; r++) add_products(sums[h][r], &w, load_sixteen(a + r * a_stride + k));
        }
    for (size_t h = 0; h < halves; h++)
        for (size_t r = 0; r < rows; r++) finish_eight(args, first + r, n + 8 * h, sums[h][r][0], sums[h][r][1]);
}

/* Four outputs of a single row: the four blocks of a step take turns between two sums. */
INLINE void add_step(int32x4_t sums[2], const int8_t *weights, int8x16_t a) {
    sums[0] = vdotq_laneq_s32(sums[0], load_sixteen(weights), a, 0);
    sums[1] = vdotq_laneq_s32(sums[1], load_sixteen(weights + 64), a, 1);
    sums[0] = vdotq_laneq_s32(sums[0], load_sixteen(weights + 128), a, 2);
    sums[1] = vdotq_laneq_s32(sums[1], load_sixteen(weights + 192), a, 3);
}

/* From here on: one row to eight, sixteen outputs or eight; each keeps at least eight registers of sums. */
TILE void one_row(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    const int8_t *a = args->a + r * args->a_stride;
    int32x4_t sums[4][2];
    for (size_t i = 0; i < 4; i++) sums[i][0] = sums[i][1] = vdupq_n_s32(0);
    for (size_t k = 0; k < MINNOW_PADDED(args->inputs); k += STEP_INPUTS, weights += STEP_BLOCKS * 64) {
        int8x16_t sixteen = load_sixteen(a + k);
        for (size_t i = 0; i < 4; i++) add_step(sums[i], weights + 16 * i, sixteen);
    }
    for (size_t i = 0; i < 4; i++) finish_four(args, r, n + 4 * i, vaddq_s32(sums[i][0], sums[i][1]));
}

TILE void two_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    run_tile(args, weights, r, n, 2, 2);
}

TILE void three_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    run_tile(args, weights, r, n, 3, 2);
}

TILE void four_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    run_tile(args, weights, r, n, 4, 1);
}

TILE void five_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    run_tile(args, weights, r, n, 5, 1);
}

TILE void six_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    run_tile(args, weights, r, n, 6, 1);
}

TILE void seven_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    run_tile(args, weights, r, n, 7, 1);
}

TILE void eight_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    run_tile(args, weights, r, n, 8, 1);
}

struct tile {
    void (*run)(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n);
    size_t outputs;
};

/* Sixteen outputs of `rows` rows. */
static void run_rows(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n, size_t rows) {
    static const struct tile tiles[TILE_ROWS + 1] = {{NULL, 16},     {one_row, 16},  {two_rows, 16},
                                                     {three_rows, 16}, {four_rows, 8}, {five_rows, 8},
                                                     {six_rows, 8},  {seven_rows, 8}, {eight_rows, 8}};
    for (size_t o = 0; o < 16; o += tiles[rows].outputs) tiles[rows].run(args, weights + 4 * o, r, n + o);
}

void minnow_gemm_s8_dotprod(const struct minnow_gemm_s8_args *args) {
    const int8_t *weights = args->weights;
    size_t left = args->rows % TILE_ROWS, whole = args->rows - left;
    for (size_t n = 0; n < args->outputs; n += 16, weights += 16 * MINNOW_PADDED(args->inputs)) {
        for (size_t r = 0; r < whole; r += TILE_ROWS) run_rows(args, weights, r, n, TILE_ROWS);
        if (left) run_rows(args, weights, whole, n, left);
    }
}
