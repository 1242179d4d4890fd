/* SDOT for Cortex-A55 and its kin, which run two instructions a cycle in order: beside each SDOT fits one load of eight
 * bytes, one move into a lane or one addition. A load of sixteen bytes takes two cycles of its own, so weights come as
 * a vector's low half and an integer that is moved to the high one. No compiler keeps to this: the loop is written out,
 * a cycle a line. */
#include "kernels/arm/arm.h"
#include "kernels/arm/gemm_s8_arm.h"

enum { TILE_ROWS = 8 };

/* Each tile is a function of its own: a profile, and bench/arm, can name it. */
#define TILE static __attribute__((noinline))

/* One turn: eight inputs of eight rows (v0-v7) and eight outputs. v12 and v13 are the weights of inputs 0..3 of outputs
 * 0..3 and 4..7, v14 and v15 those of inputs 4..7; v16, v17 the sums of row 0, and so on to v31. Rows 6 and 7 and the
 * second weights are loaded as a turn begins, the others at the end of the turn before; in the last one `step` is 0:
 * what is loaded for a next turn is what was there before. */
#define EIGHT_INPUTS \
    "sdot v16.4s, v12.16b, v0.4b[0]\n ldr d6, [%[a6], %[k]]\n" \
    "sdot v18.4s, v12.16b, v1.4b[0]\n ldr d7, [%[a7], %[k]]\n" \
    "sdot v20.4s, v12.16b, v2.4b[0]\n ldr d14, [%[w], 64]\n" \
    "sdot v22.4s, v12.16b, v3.4b[0]\n ldr %[x], [%[w], 72]\n" \
    "sdot v24.4s, v12.16b, v4.4b[0]\n ldr d15, [%[w], 80]\n" \
    "sdot v26.4s, v12.16b, v5.4b[0]\n ldr %[y], [%[w], 88]\n" \
    "sdot v28.4s, v12.16b, v6.4b[0]\n subs %[depth], %[depth], 8\n" \
    "sdot v30.4s, v12.16b, v7.4b[0]\n ins v14.d[1], %[x]\n" \
    "sdot v17.4s, v13.16b, v0.4b[0]\n" \
    "sdot v19.4s, v13.16b, v1.4b[0]\n ins v15.d[1], %[y]\n" \
    "sdot v21.4s, v13.16b, v2.4b[0]\n csel %[step], %[step], xzr, ne\n" \
    "sdot v23.4s, v13.16b, v3.4b[0]\n" \
    "sdot v25.4s, v13.16b, v4.4b[0]\n" \
    "sdot v27.4s, v13.16b, v5.4b[0]\n add %[k], %[k], %[step]\n" \
    "sdot v29.4s, v13.16b, v6.4b[0]\n add %[w], %[w], %[step], lsl 4\n" \
    "sdot v31.4s, v13.16b, v7.4b[0]\n" \
    "sdot v16.4s, v14.16b, v0.4b[1]\n" \
    "sdot v18.4s, v14.16b, v1.4b[1]\n ldr d12, [%[w]]\n" \
    "sdot v20.4s, v14.16b, v2.4b[1]\n ldr %[x], [%[w], 8]\n" \
    "sdot v22.4s, v14.16b, v3.4b[1]\n ldr d13, [%[w], 16]\n" \
    "sdot v24.4s, v14.16b, v4.4b[1]\n ldr %[y], [%[w], 24]\n" \
    "sdot v26.4s, v14.16b, v5.4b[1]\n" \
    "sdot v28.4s, v14.16b, v6.4b[1]\n ins v12.d[1], %[x]\n" \
    "sdot v30.4s, v14.16b, v7.4b[1]\n" \
    "sdot v17.4s, v15.16b, v0.4b[1]\n ins v13.d[1], %[y]\n" \
    "sdot v19.4s, v15.16b, v1.4b[1]\n ldr d0, [%[a0], %[k]]\n" \
    "sdot v21.4s, v15.16b, v2.4b[1]\n ldr d1, [%[a1], %[k]]\n" \
    "sdot v23.4s, v15.16b, v3.4b[1]\n ldr d2, [%[a2], %[k]]\n" \
    "sdot v25.4s, v15.16b, v4.4b[1]\n ldr d3, [%[a3], %[k]]\n" \
    "sdot v27.4s, v15.16b, v5.4b[1]\n ldr d4, [%[a4], %[k]]\n" \
    "sdot v29.4s, v15.16b, v6.4b[1]\n ldr d5, [%[a5], %[k]]\n" \
    "sdot v31.4s, v15.16b, v7.4b[1]\n"

#define ZERO(a, b, c, d) \
    "movi v" #a ".4s, 0\n movi v" #b ".4s, 0\n movi v" #c ".4s, 0\n movi v" #d ".4s, 0\n"

/* Eight rows x eight outputs. depth: a multiple of 8, not 0. */
TILE void multiply(const int8_t *const rows[TILE_ROWS], const int8_t *weights, size_t depth,
                   int32_t sums[TILE_ROWS][8]) {
    size_t k = 0, step = 8, x, y;
    __asm__ volatile(
        ZERO(16, 17, 18, 19) ZERO(20, 21, 22, 23) ZERO(24, 25, 26, 27) ZERO(28, 29, 30, 31)
        "ldp q12, q13, [%[w]]\n ldr d0, [%[a0]]\n ldr d1, [%[a1]]\n ldr d2, [%[a2]]\n"
        "ldr d3, [%[a3]]\n ldr d4, [%[a4]]\n ldr d5, [%[a5]]\n"
        "1:\n" EIGHT_INPUTS "b.ne 1b\n"
        "st1 {v16.4s-v19.4s}, [%[sums]], 64\n st1 {v20.4s-v23.4s}, [%[sums]], 64\n"
        "st1 {v24.4s-v27.4s}, [%[sums]], 64\n st1 {v28.4s-v31.4s}, [%[sums]]\n"
        : [k] "+r"(k), [step] "+r"(step), [w] "+r"(weights), [depth] "+r"(depth), [sums] "+r"(sums), [x] "=&r"(x),
          [y] "=&r"(y)
        : [a0] "r"(rows[0]), [a1] "r"(rows[1]), [a2] "r"(rows[2]), [a3] "r"(rows[3]), [a4] "r"(rows[4]),
          [a5] "r"(rows[5]), [a6] "r"(rows[6]), [a7] "r"(rows[7])
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20",
          "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");
}

/* Rows that are missing from a tile are its last one again. */
static void run_tile(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t r, size_t n) {
    size_t count = args->rows - r < TILE_ROWS ? args->rows - r : TILE_ROWS;
    const int8_t *rows[TILE_ROWS];
    int32_t sums[TILE_ROWS][8];
    for (size_t i = 0; i < TILE_ROWS; i++) rows[i] = args->a + (r + (i < count ? i : count - 1)) * args->a_stride;
    multiply(rows, weights, MINNOW_PADDED(args->inputs), sums);
    for (size_t i = 0; i < count; i++) {
        finish_four(args, r + i, n, vld1q_s32(sums[i]));
        finish_four(args, r + i, n + 4, vld1q_s32(sums[i] + 4));
    }
}

/* Less than half a tile is dotprod's. */
void minnow_gemm_s8_a55(const struct minnow_gemm_s8_args *args) {
    const int8_t *weights = args->weights;
    size_t left = args->rows % TILE_ROWS, rows = args->rows - (left < TILE_ROWS / 2 ? left : 0);
    for (size_t n = 0; n < args->outputs; n += 16, weights += 16 * MINNOW_PADDED(args->inputs))
        for (size_t r = 0; r < rows; r += TILE_ROWS) {
            run_tile(args, weights, r, n);
            run_tile(args, weights + 32, r, n + 8);
        }
    struct minnow_gemm_s8_args rest = rows_from(args, rows);
    if (rest.rows) minnow_gemm_s8_dotprod(&rest);
}
