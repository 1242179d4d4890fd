/* For CPUs without dot products: two products of bytes fit a word (2 * 128 * 127), so that words are widened
 * once for every two multiplications. Eight inputs at a time, four rows and eight outputs a tile. */
#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

enum { TILE_ROWS = 4 };

/* Weights of four outputs: inputs 0..3 and inputs 4..7. */
struct weights {
    int8x16_t first, second;
};

/* Sums of four outputs of a row, in halves: the even places of the inputs' pairs apart from the odd ones. */
struct sums {
    int32x4_t low, high;
};

static inline struct weights load_weights(const int8_t *weights) {
    return (struct weights){vld1q_s8(weights), vld1q_s8(weights + 64)};
}

static inline int8x16_t broadcast_four(const int8_t *a) {
    int32_t four;
    memcpy(&four, a, sizeof four);
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

static inline struct sums add_products(struct sums sums, struct weights w, int8x16_t first, int8x16_t second) {
    int16x8_t low = vmull_s8(vget_low_s8(w.first), vget_low_s8(first));
    int16x8_t high = vmull_high_s8(w.first, first);
    low = vmlal_s8(low, vget_low_s8(w.second), vget_low_s8(second));
    high = vmlal_high_s8(high, w.second, second);
    return (struct sums){vpadalq_s16(sums.low, low), vpadalq_s16(sums.high, high)};
}

/* Four outputs of a row. */
static inline void finish(const struct minnow_gemm_s8_args *args, size_t r, size_t n, struct sums sums) {
    struct minnow_row_quantization row = args->quantization[r];
    int32x4_t total = vpaddq_s32(sums.low, sums.high);
    int32x4_t exact = vmlsq_s32(total, vdupq_n_s32(row.zero), vld1q_s32(args->column_sum + n));
    float32x4_t scale = vmulq_f32(vdupq_n_f32(row.scale), vld1q_f32(args->scale + n));
    float32x4_t out = vfmaq_f32(vld1q_f32(args->bias + n), vcvtq_f32_s32(exact), scale);
    vst1q_f32(args->out + r * args->out_stride + n, out);
}

static inline __attribute__((always_inline)) void tile(const struct minnow_gemm_s8_args *args, const int8_t *weights,
                                                       size_t first, size_t n, size_t rows) {
    const int8_t *a = args->a + first * args->a_stride;
    size_t depth = MINNOW_PADDED(args->inputs);
    struct sums left[TILE_ROWS], right[TILE_ROWS];
    const struct sums zero = {vdupq_n_s32(0), vdupq_n_s32(0)};
    for (size_t r = 0; r < rows; r++) left[r] = right[r] = zero;
    for (size_t k = 0; k < depth; k += 8, weights += 128) {
        struct weights left_weights = load_weights(weights), right_weights = load_weights(weights + 16);
        for (size_t r = 0; r < rows; r++) {
            const int8_t *eight = a + r * args->a_stride + k;
            int8x16_t low = broadcast_four(eight), high = broadcast_four(eight + 4);
            left[r] = add_products(left[r], left_weights, low, high);
            right[r] = add_products(right[r], right_weights, low, high);
        }
    }
    for (size_t r = 0; r < rows; r++) {
        finish(args, first + r, n, left[r]);
        finish(args, first + r, n + 4, right[r]);
    }
}

static void short_tile(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t first, size_t n) {
    switch (args->rows - first) {
    case 1:
        tile(args, weights, first, n, 1);
        break;
    case 2:
        tile(args, weights, first, n, 2);
        break;
    case 3:
        tile(args, weights, first, n, 3);
        break;
    default:
        break;
    }
}

/* Half of a block's sixteen outputs: `weights` begins at the half. */
static void eight_outputs(const struct minnow_gemm_s8_args *args, const int8_t *weights, size_t n) {
    size_t r = 0;
    for (; r + TILE_ROWS <= args->rows; r += TILE_ROWS) tile(args, weights, r, n, TILE_ROWS);
    short_tile(args, weights, r, n);
}

void minnow_gemm_s8_neon(const struct minnow_gemm_s8_args *args) {
    const int8_t *weights = args->weights;
    for (size_t n = 0; n < args->outputs; n += 16, weights += 16 * MINNOW_PADDED(args->inputs)) {
        eight_outputs(args, weights, n);
        eight_outputs(args, weights + 32, n + 8);
    }
}
