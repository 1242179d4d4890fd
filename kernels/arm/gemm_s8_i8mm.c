/* One SMMLA multiplies eight inputs of two rows with those of two outputs. Two neighbouring blocks of weights, zipped,
 * give such pairs of outputs; two rows, zipped, give pairs of rows. Activations are zipped once for all outputs; so are
 * weights where many rows meet them, else on the way. Both lie on the stack, as many inputs at a time as it holds: the
 * sums wait in `out` meanwhile. */
#include "kernels/arm/arm.h"
#include "kernels/arm/gemm_s8_arm.h"

enum {
    TILE_ROWS = 8,
    TILE_PAIRS = 4,       /* of rows, and of outputs */
    MOST_INPUTS = 768,    /* at a time */
    ROW_BYTES = 48 << 10, /* activations at a time: 64 rows or more */
    FEW_ROWS = 16         /* up to here zipping weights for each eight rows is cheaper than storing them */
};

#define INLINE static inline __attribute__((always_inline))
/* Each tile is a function of its own: a profile, and bench/arm, can name it. */
#define TILE static __attribute__((noinline))

/* One load an instruction: compilers would join and reorder them. */
typedef int8x16_t __attribute__((may_alias, aligned(1))) unaligned_sixteen;
INLINE int8x16_t load_sixteen(const int8_t *x) { return *(const volatile unaligned_sixteen *)x; }

/* Some of the inputs, for some of the rows. */
struct part {
    const struct minnow_gemm_s8_args *args;
    size_t first_row, rows, first_input, inputs;
    const int8_t *activations; /* zipped: each TILE_ROWS rows follow each other along the inputs */
};

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* ---- Zipping -------------------------------------------------------------------------------------------------- */

/* Eight outputs' inputs k..k+7 from where their inputs k..k+3 lie. */
INLINE void zip_weights(int8x16_t w[TILE_PAIRS], const int8_t *weights) {
    for (size_t i = 0; i < 2; i++) {
        int32x4_t first = vreinterpretq_s32_s8(load_sixteen(weights + 16 * i));
        int32x4_t second = vreinterpretq_s32_s8(load_sixteen(weights + 16 * i + 64));
        w[2 * i] = vreinterpretq_s8_s32(vzip1q_s32(first, second));
        w[2 * i + 1] = vreinterpretq_s8_s32(vzip2q_s32(first, second));
    }
}

static void store_zipped_weights(const int8_t *weights, size_t inputs, int8_t *out) {
    for (size_t k = 0; k < inputs; k += 8, weights += 128, out += 64) {
        int8x16_t w[TILE_PAIRS];
        zip_weights(w, weights);
        for (size_t i = 0; i < TILE_PAIRS; i++) vst1q_s8(out + 16 * i, w[i]);
    }
}

/* Two rows of which the second may be missing (NULL). `step`: bytes from eight inputs to the next eight. */
static void store_zipped_rows(const int8_t *first, const int8_t *second, size_t inputs, size_t step, int8_t *out) {
    for (size_t k = 0; k < inputs; k += 16, out += 2 * step) {
        int64x2_t a = vreinterpretq_s64_s8(vld1q_s8(first + k)), b = vdupq_n_s64(0);
        if (second) b = vreinterpretq_s64_s8(vld1q_s8(second + k));
        vst1q_s8(out, vreinterpretq_s8_s64(vzip1q_s64(a, b)));
        vst1q_s8(out + step, vreinterpretq_s8_s64(vzip2q_s64(a, b)));
    }
}

static void zip_rows(const struct part *part, int8_t *out) {
    size_t stride = part->args->a_stride;
    const int8_t *a = part->args->a + part->first_row * stride + part->first_input;
    for (size_t r = 0; r < part->rows; r += 2) {
        size_t tile = r / TILE_ROWS * TILE_ROWS, step = (smaller(part->rows - tile, TILE_ROWS) + 1) / 2 * 16;
        const int8_t *second = r + 1 < part->rows ? a + (r + 1) * stride : NULL;
        store_zipped_rows(a + r * stride, second, part->inputs, step, out + tile * part->inputs + (r - tile) * 8);
    }
}

/* ---- Sums of two rows: a register for each two outputs -------------------------------------------------------- */

struct sums {
    int32x4_t outputs[TILE_PAIRS];
};

/* Zeros, or what the inputs before these left. */
static struct sums begin_sums(const struct part *part, size_t r, size_t n, size_t rows) {
    const float *first = part->args->out + r * part->args->out_stride + n;
    const float *second = rows > 1 ? first + part->args->out_stride : first;
    int32x4_t zero = vdupq_n_s32(0);
    struct sums sums = {{zero, zero, zero, zero}};
    for (size_t o = 0; o < TILE_PAIRS && part->first_input; o += 2) {
        int64x2_t a = vreinterpretq_s64_f32(vld1q_f32(first + 2 * o));
        int64x2_t b = vreinterpretq_s64_f32(vld1q_f32(second + 2 * o));
        sums.outputs[o] = vreinterpretq_s32_s64(vzip1q_s64(a, b));
        sums.outputs[o + 1] = vreinterpretq_s32_s64(vzip2q_s64(a, b));
    }
    return sums;
}

/* Outputs if these were the last inputs, else sums for the next. */
static inline void store_four(const struct part *part, size_t r, size_t n, int64x2_t sums) {
    if (part->first_input + part->inputs >= part->args->inputs)
        finish_four(part->args, r, n, vreinterpretq_s32_s64(sums));
    else
        vst1q_f32(part->args->out + r * part->args->out_stride + n, vreinterpretq_f32_s64(sums));
}

static void end_sums(const struct part *part, size_t r, size_t n, size_t rows, struct sums sums) {
    for (size_t o = 0; o < TILE_PAIRS; o += 2) {
        int64x2_t a = vreinterpretq_s64_s32(sums.outputs[o]), b = vreinterpretq_s64_s32(sums.outputs[o + 1]);
        store_four(part, r, n + 2 * o, vzip1q_s64(a, b));
        if (rows > 1) store_four(part, r + 1, n + 2 * o, vzip2q_s64(a, b));
    }
}

INLINE struct sums add_products(struct sums sums, int8x16_t two_rows, const int8x16_t w[TILE_PAIRS]) {
    for (size_t o = 0; o < TILE_PAIRS; o++) sums.outputs[o] = vmmlaq_s32(sums.outputs[o], two_rows, w[o]);
    return sums;
}

/* ---- Tiles: up to eight rows x eight outputs; `pairs` and `zipped` are constants where these are inlined ------- */

/* Eight inputs. */
INLINE void add_step(struct sums sums[TILE_PAIRS], const int8_t *a, const int8_t *weights, size_t pairs, bool zipped) {
    int8x16_t w[TILE_PAIRS];
    if (!zipped) zip_weights(w, weights);
    for (size_t o = 0; o < TILE_PAIRS && zipped; o++) w[o] = load_sixteen(weights + 16 * o);
    sums[0] = add_products(sums[0], load_sixteen(a), w);
    sums[1] = add_products(sums[1], load_sixteen(a + 16), w);
    if (pairs > 2) sums[2] = add_products(sums[2], load_sixteen(a + 32), w);
    if (pairs > 3) sums[3] = add_products(sums[3], load_sixteen(a + 48), w);
}

/* r: within the part. */
INLINE void run_tile(const struct part *part, const int8_t *weights, size_t r, size_t n, size_t pairs, bool zipped) {
    size_t rows = smaller(part->rows - r, TILE_ROWS), first = part->first_row + r, step = zipped ? 64 : 128;
    const int8_t *a = part->activations + r * part->inputs;
    struct sums sums[TILE_PAIRS];
    sums[0] = begin_sums(part, first, n, 2);
    sums[1] = begin_sums(part, first + 2, n, rows - 2);
    if (pairs > 2) sums[2] = begin_sums(part, first + 4, n, rows - 4);
    if (pairs > 3) sums[3] = begin_sums(part, first + 6, n, rows - 6);
    for (size_t k = 0; k < part->inputs; k += 8, a += 16 * pairs, weights += step)
        add_step(sums, a, weights, pairs, zipped);
    end_sums(part, first, n, 2, sums[0]);
    end_sums(part, first + 2, n, rows - 2, sums[1]);
    if (pairs > 2) end_sums(part, first + 4, n, rows - 4, sums[2]);
    if (pairs > 3) end_sums(part, first + 6, n, rows - 6, sums[3]);
}

TILE void four_rows(const struct part *part, const int8_t *weights, size_t r, size_t n) {
    run_tile(part, weights, r, n, 2, false);
}

TILE void six_rows(const struct part *part, const int8_t *weights, size_t r, size_t n) {
    run_tile(part, weights, r, n, 3, false);
}

TILE void eight_rows(const struct part *part, const int8_t *weights, size_t r, size_t n) {
    run_tile(part, weights, r, n, 4, false);
}

TILE void eight_rows_zipped(const struct part *part, const int8_t *weights, size_t r, size_t n) {
    run_tile(part, weights, r, n, 4, true);
}

/* Eight outputs of all rows of a part. */
static void eight_outputs(const struct part *part, const int8_t *weights, size_t n) {
    _Alignas(64) int8_t zipped[8 * MOST_INPUTS];
    size_t r = 0;
    if (part->rows > FEW_ROWS) {
        store_zipped_weights(weights, part->inputs, zipped);
        for (; r + TILE_ROWS <= part->rows; r += TILE_ROWS) eight_rows_zipped(part, zipped, r, n);
    }
    for (; r + 6 < part->rows; r += TILE_ROWS) eight_rows(part, weights, r, n);
    if (r + 4 < part->rows)
        six_rows(part, weights, r, n);
    else if (r < part->rows)
        four_rows(part, weights, r, n);
}

static void run_part(const struct minnow_gemm_s8_args *args, size_t first_row, size_t rows, size_t first_input,
                     size_t inputs) {
    _Alignas(64) int8_t activations[ROW_BYTES];
    struct part part = {args, first_row, rows, first_input, inputs, activations};
    const int8_t *weights = (const int8_t *)args->weights + 16 * first_input;
    zip_rows(&part, activations);
    for (size_t n = 0; n < args->outputs; n += 16, weights += 16 * MINNOW_PADDED(args->inputs)) {
        eight_outputs(&part, weights, n);
        eight_outputs(&part, weights + 32, n + 8);
    }
}

/* One or two rows beyond eights are dotprod's: SMMLA would keep too few sums. */
void minnow_gemm_s8_i8mm(const struct minnow_gemm_s8_args *args) {
    size_t depth = MINNOW_PADDED(args->inputs), most = smaller(depth, MOST_INPUTS);
    size_t rows = args->rows % TILE_ROWS > 2 ? args->rows : args->rows / TILE_ROWS * TILE_ROWS;
    size_t rows_at_once = ROW_BYTES / most / TILE_ROWS * TILE_ROWS;
    for (size_t k = 0; k < depth; k += most)
        for (size_t r = 0; r < rows; r += rows_at_once)
            run_part(args, r, smaller(rows - r, rows_at_once), k, smaller(depth - k, most));
    struct minnow_gemm_s8_args rest = rows_from(args, rows);
    if (rest.rows) minnow_gemm_s8_dotprod(&rest);
}
