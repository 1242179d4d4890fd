/* For CPUs without dot products: two products of bytes fit a word (2 * 128 * 127), so that words are widened
 * once for every two multiplications. Eight inputs at a time, four rows and eight outputs a tile. */
#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

enum { TILE_ROWS = 4 };

/* Weights of eight outputs, four a register: inputs 0..3 and inputs 4..7. */
struct weights {
    int8x16_t first[2], second[2];
};

/* Sums of eight outputs of a row, two a register: each is in two neighbouring places, to be added at the end. */
struct sums {
    int32x4_t pairs[4];
};

static inline struct weights load_weights(const int8_t *weights) {
    return (struct weights){{vld1q_s8(weights), vld1q_s8(weights + 16)},
                            {vld1q_s8(weights + 64), vld1q_s8(weights + 80)}};
}

static inline struct sums add_products(struct sums sums, struct weights w, const int8_t *a) {
    int32x2_t eight = vreinterpret_s32_s8(vld1_s8(a));
    int8x16_t first = vreinterpretq_s8_s32(vdupq_lane_s32(eight, 0));
    int8x16_t second = vreinterpretq_s8_s32(vdupq_lane_s32(eight, 1));
    for (size_t i = 0; i < 2; i++) {
        int16x8_t low = vmull_s8(vget_low_s8(w.first[i]), vget_low_s8(first));
        int16x8_t high = vmull_high_s8(w.first[i], first);
        low = vmlal_s8(low, vget_low_s8(w.second[i]), vget_low_s8(second));
        high = vmlal_high_s8(high, w.second[i], second);
        sums.pairs[2 * i] = vpadalq_s16(sums.pairs[2 * i], low);
        sums.pairs[2 * i + 1] = vpadalq_s16(sums.pairs[2 * i + 1], high);
    }
    return sums;
}

/* Four outputs of a row. */
static inline void finish(const struct minnow_gemm_s8_args *args, size_t r, size_t n, int32x4_t sums) {
    struct minnow_row_quantization row = args->quantization[r];
    int32x4_t exact = vmlsq_s32(sums, vdupq_n_s32(row.zero), vld1q_s32(args->column_sum + n));
    float32x4_t scale = vmulq_f32(vdupq_n_f32(row.scale), vld1q_f32(args->scale + n));
    float32x4_t out = vfmaq_f32(vld1q_f32(args->bias + n), vcvtq_f32_s32(exact), scale);
    vst1q_f32(args->out + r * args->out_stride + n, out);
}

static inline __attribute__((always_inline)) void tile(const struct minnow_gemm_s8_args *args, const int8_t *weights,
                                                       size_t first, size_t n, size_t rows) {
    const int8_t *a = args->a + first * args->a_stride;
    size_t a_stride = args->a_stride, depth = MINNOW_PADDED(args->inputs);
    int32x4_t zero = vdupq_n_s32(0);
    struct sums sums[TILE_ROWS];
    for (size_t r = 0; r < rows; r++) sums[r] = (struct sums){{zero, zero, zero, zero}};
    for (size_t k = 0; k < depth; k += 8, weights += 128) {
        struct weights w = load_weights(weights);
        for (size_t r = 0; r < rows; r++) sums[r] = add_products(sums[r], w, a + r * a_stride + k);
    }
    for (size_t r = 0; r < rows; r++) {
        finish(args, first + r, n, vpaddq_s32(sums[r].pairs[0], sums[r].pairs[1]));
        finish(args, first + r, n + 4, vpaddq_s32(sums[r].pairs[2], sums[r].pairs[3]));
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
