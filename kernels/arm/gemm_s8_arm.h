/* What the int8 matrix products of all ARM tiers share: from exact sums to outputs. */
#ifndef MINNOW_GEMM_S8_ARM_H
#define MINNOW_GEMM_S8_ARM_H

#include <arm_neon.h>

#include "kernels/kernels.h"

/* Four outputs of a row. */
static inline void finish_four(const struct minnow_gemm_s8_args *args, size_t r, size_t n, int32x4_t sums) {
    struct minnow_row_quantization row = args->quantization[r];
    int32x4_t exact = vmlsq_s32(sums, vdupq_n_s32(row.zero), vld1q_s32(args->column_sum + n));
    float32x4_t scale = vmulq_f32(vdupq_n_f32(row.scale), vld1q_f32(args->scale + n));
    float32x4_t out = vfmaq_f32(vld1q_f32(args->bias + n), vcvtq_f32_s32(exact), scale);
    vst1q_f32(args->out + r * args->out_stride + n, out);
}

/* The same product without its first rows. */
static inline struct minnow_gemm_s8_args rows_from(const struct minnow_gemm_s8_args *args, size_t first) {
    struct minnow_gemm_s8_args rest = *args;
    rest.rows -= first;
    rest.a += first * args->a_stride;
    rest.quantization += first;
    rest.out += first * args->out_stride;
    return rest;
}

#endif
