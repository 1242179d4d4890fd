#include "kernels/cascade.h"

#include <asm/hwcap.h>
#include <sys/auxv.h>

#include "kernels/arm/arm.h"

/* Every 64-bit ARM CPU has NEON. */
static _Bool has_neon(void) { return 1; }

static _Bool has_dotprod(void) { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }

static _Bool has_i8mm(void) { return has_dotprod() && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0; }

/* Cortex-A55 and what Qualcomm made of it (Kryo 3xx and 4xx Silver): implementer and part of the core that asks. */
static _Bool is_a55(void) {
    if (!(getauxval(AT_HWCAP) & HWCAP_CPUID)) return 0;
    uint64_t id;
    __asm__("mrs %0, midr_el1" : "=r"(id));
    uint64_t implementer = id >> 24 & 0xff, part = id >> 4 & 0xfff;
    return (implementer == 0x41 && part == 0xd05) || (implementer == 0x51 && (part == 0x803 || part == 0x805));
}

static void improve_neon(struct minnow_kernels *kernels) {
    kernels->rotate_rows = minnow_rotate_rows_neon;
    kernels->quantize_rows = minnow_quantize_rows_neon;
    kernels->gemm_s8 = (struct minnow_gemm_s8){.mr = 4, .nr = 16, .kr = 4, .run = minnow_gemm_s8_neon};
    kernels->pack_rows = minnow_pack_rows_neon;
    kernels->pack_columns = minnow_pack_columns_neon;
    kernels->gemm_f32 = minnow_gemm_f32_neon;
    kernels->softmax_rows = minnow_softmax_rows_neon;
    kernels->softmax_quantize_rows = minnow_softmax_quantize_rows_neon;
    kernels->layer_norm_rows = minnow_layer_norm_rows_neon;
    kernels->gelu_rows = minnow_gelu_rows_neon;
    kernels->relu_rows = minnow_relu_rows_neon;
    kernels->tanh_rows = minnow_tanh_rows_neon;
    kernels->precise_gelu_rows = minnow_precise_gelu_rows_neon;
    kernels->sigmoid_rows = minnow_sigmoid_rows_neon;
    kernels->log_rows = minnow_log_rows_neon;
    kernels->lstm_gates = minnow_lstm_gates_neon;
    kernels->gaussian_sums = minnow_gaussian_sums_neon;
    kernels->unpack_s4 = minnow_unpack_s4_neon;
    kernels->gather_s8 = minnow_gather_s8_neon;
    kernels->gather_s4 = minnow_gather_s4_neon;
    kernels->gather_f32 = minnow_gather_f32_neon;
    kernels->mean_rows = minnow_mean_rows_neon;
    kernels->max_rows = minnow_max_rows_neon;
    kernels->normalize = minnow_normalize_neon;
    kernels->dots_f32 = minnow_dots_f32_neon;
    kernels->dots_s8 = minnow_dots_s8_neon;
    kernels->dots_u1 = minnow_dots_u1_neon;
    kernels->dots_u2 = minnow_dots_u2_neon;
    kernels->dots_u4 = minnow_dots_u4_neon;
    kernels->hamming = minnow_hamming_neon;
    kernels->select = minnow_select_neon;
    kernels->maxsim_u1 = minnow_maxsim_u1_neon;
}

/* Runs wherever dotprod does, and is best on the core it is named after. */
static void improve_a55(struct minnow_kernels *kernels) {
    kernels->gemm_s8 = (struct minnow_gemm_s8){.mr = 8, .nr = 16, .kr = 4, .run = minnow_gemm_s8_a55};
}

/* A phone's cores differ, and threads move: on its large cores the wrong choice costs a tenth of the speed. */
static void improve_dotprod(struct minnow_kernels *kernels) {
    if (!is_a55()) kernels->gemm_s8.run = minnow_gemm_s8_dotprod;
    kernels->dots_s8 = minnow_dots_s8_dotprod;
    kernels->dots_u1 = minnow_dots_u1_dotprod;
    kernels->dots_u2 = minnow_dots_u2_dotprod;
}

static void improve_i8mm(struct minnow_kernels *kernels) {
    kernels->gemm_s8 = (struct minnow_gemm_s8){.mr = 8, .nr = 16, .kr = 8, .run = minnow_gemm_s8_i8mm};
}

const struct minnow_tier minnow_tiers[] = {
    {"neon", has_neon, improve_neon},
    {"a55", has_dotprod, improve_a55},
    {"dotprod", has_dotprod, improve_dotprod},
    {"i8mm", has_i8mm, improve_i8mm},
    {NULL, NULL, NULL},
};
