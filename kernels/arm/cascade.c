#include "kernels/cascade.h"

#include "kernels/arm/arm.h"

/* Every 64-bit ARM CPU has NEON. */
static _Bool has_neon(void) { return 1; }

static void improve_neon(struct minnow_kernels *kernels) {
    kernels->rotate_rows = minnow_rotate_rows_neon;
    kernels->quantize_rows = minnow_quantize_rows_neon;
    kernels->gemm_s8 = (struct minnow_gemm_s8){.mr = 4, .nr = 16, .kr = 4, .run = minnow_gemm_s8_neon};
    kernels->gemm_f32 = minnow_gemm_f32_neon;
    kernels->softmax_rows = minnow_softmax_rows_neon;
    kernels->layer_norm_rows = minnow_layer_norm_rows_neon;
    kernels->gelu_rows = minnow_gelu_rows_neon;
    kernels->relu_rows = minnow_relu_rows_neon;
    kernels->tanh_rows = minnow_tanh_rows_neon;
    kernels->unpack_s4 = minnow_unpack_s4_neon;
    kernels->gather_s8 = minnow_gather_s8_neon;
    kernels->gather_s4 = minnow_gather_s4_neon;
    kernels->gather_f32 = minnow_gather_f32_neon;
    kernels->mean_rows = minnow_mean_rows_neon;
    kernels->max_rows = minnow_max_rows_neon;
    kernels->normalize = minnow_normalize_neon;
    kernels->dots_f32 = minnow_dots_f32_neon;
    kernels->dots_s8 = minnow_dots_s8_neon;
}

const struct minnow_tier minnow_tiers[] = {
    {"neon", has_neon, improve_neon},
    {NULL, NULL, NULL},
};
