#include "kernels/cascade.h"

#include <cpuinfo.h>

#include "kernels/x86/x86.h"

static _Bool has_avx2(void) { return cpuinfo_initialize() && cpuinfo_has_x86_avx2() && cpuinfo_has_x86_fma3(); }

static void improve_avx2(struct minnow_kernels *kernels) {
    kernels->rotate_rows = minnow_rotate_rows_avx2;
    kernels->quantize_rows = minnow_quantize_rows_avx2;
    kernels->gemm_s8 = (struct minnow_gemm_s8){.mr = 4, .nr = 16, .kr = 4, .run = minnow_gemm_s8_avx2};
    kernels->gemm_f32 = minnow_gemm_f32_avx2;
    kernels->softmax_rows = minnow_softmax_rows_avx2;
    kernels->layer_norm_rows = minnow_layer_norm_rows_avx2;
    kernels->gelu_rows = minnow_gelu_rows_avx2;
    kernels->relu_rows = minnow_relu_rows_avx2;
    kernels->tanh_rows = minnow_tanh_rows_avx2;
    kernels->gather_s8 = minnow_gather_s8_avx2;
    kernels->gather_f32 = minnow_gather_f32_avx2;
    kernels->mean_rows = minnow_mean_rows_avx2;
    kernels->max_rows = minnow_max_rows_avx2;
    kernels->normalize = minnow_normalize_avx2;
    kernels->dots_f32 = minnow_dots_f32_avx2;
    kernels->dots_s8 = minnow_dots_s8_avx2;
}

const struct minnow_tier minnow_tiers[] = {
    {"avx2", has_avx2, improve_avx2},
    {NULL, NULL, NULL},
};
