#include "kernels/cascade.h"

#include <cpuid.h>
#include <cpuinfo.h>

#include "kernels/x86/permission.h"
#include "kernels/x86/x86.h"

static _Bool has_avx2(void) { return cpuinfo_initialize() && cpuinfo_has_x86_avx2() && cpuinfo_has_x86_fma3(); }

static void improve_avx2(struct minnow_kernels *kernels) {
    kernels->rotate_rows = minnow_rotate_rows_avx2;
    kernels->quantize_rows = minnow_quantize_rows_avx2;
    kernels->gemm_s8 = (struct minnow_gemm_s8){.mr = 6, .nr = 16, .kr = 4, .run = minnow_gemm_s8_avx2};
    kernels->gemm_f32 = minnow_gemm_f32_avx2;
    kernels->softmax_rows = minnow_softmax_rows_avx2;
    kernels->softmax_quantize_rows = minnow_softmax_quantize_rows_avx2;
    kernels->pack_rows = minnow_pack_rows_avx2;
    kernels->pack_columns = minnow_pack_columns_avx2;
    kernels->layer_norm_rows = minnow_layer_norm_rows_avx2;
    kernels->gelu_rows = minnow_gelu_rows_avx2;
    kernels->relu_rows = minnow_relu_rows_avx2;
    kernels->tanh_rows = minnow_tanh_rows_avx2;
    kernels->precise_gelu_rows = minnow_precise_gelu_rows_avx2;
    kernels->sigmoid_rows = minnow_sigmoid_rows_avx2;
    kernels->log_rows = minnow_log_rows_avx2;
    kernels->lstm_gates = minnow_lstm_gates_avx2;
    kernels->gaussian_sums = minnow_gaussian_sums_avx2;
    kernels->unpack_s4 = minnow_unpack_s4_avx2;
    kernels->gather_s8 = minnow_gather_s8_avx2;
    kernels->gather_s4 = minnow_gather_s4_avx2;
    kernels->gather_f32 = minnow_gather_f32_avx2;
    kernels->mean_rows = minnow_mean_rows_avx2;
    kernels->max_rows = minnow_max_rows_avx2;
    kernels->normalize = minnow_normalize_avx2;
    kernels->dots_f32 = minnow_dots_f32_avx2;
    kernels->dots_s8 = minnow_dots_s8_avx2;
    kernels->dots_u1 = minnow_dots_u1_avx2;
    kernels->dots_u2 = minnow_dots_u2_avx2;
    kernels->dots_u4 = minnow_dots_u4_avx2;
    kernels->hamming = minnow_hamming_avx2;
    kernels->select = minnow_select_avx2;
    kernels->maxsim_u1 = minnow_maxsim_u1_avx2;
}

/* Leaf 7, subleaf 1: younger than the cpuinfo of many distributions. */
static _Bool has_avxvnni(void) {
    unsigned eax, ebx, ecx, edx;
    return has_avx2() && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax >> 4 & 1);
}

/* 256 bits wide, for CPUs without AVX-512. */
static void improve_avxvnni(struct minnow_kernels *kernels) {
    kernels->gemm_s8 =
        (struct minnow_gemm_s8){.mr = 6, .nr = 16, .kr = 4, .flip = 0x80, .run = minnow_gemm_s8_avxvnni};
    kernels->dots_s8 = minnow_dots_s8_avxvnni;
    kernels->dots_u1 = minnow_dots_u1_avxvnni;
    kernels->dots_u2 = minnow_dots_u2_avxvnni;
}

static _Bool has_avx512vnni(void) {
    return has_avx2() && cpuinfo_has_x86_avx512f() && cpuinfo_has_x86_avx512bw() && cpuinfo_has_x86_avx512dq() &&
           cpuinfo_has_x86_avx512vl() && cpuinfo_has_x86_avx512vnni();
}

static void improve_avx512vnni(struct minnow_kernels *kernels) {
    kernels->rotate_rows = minnow_rotate_rows_avx512vnni;
    kernels->quantize_rows = minnow_quantize_rows_avx512vnni;
    kernels->softmax_rows = minnow_softmax_rows_avx512vnni;
    kernels->softmax_quantize_rows = minnow_softmax_quantize_rows_avx512vnni;
    kernels->pack_rows = minnow_pack_rows_avx512vnni;
    kernels->pack_columns = minnow_pack_columns_avx512vnni;
    kernels->gemm_s8 =
        (struct minnow_gemm_s8){.mr = 12, .nr = 32, .kr = 4, .flip = 0x80, .run = minnow_gemm_s8_avx512vnni};
    kernels->gemm_f32 = minnow_gemm_f32_avx512vnni;
    kernels->layer_norm_rows = minnow_layer_norm_rows_avx512vnni;
    kernels->gelu_rows = minnow_gelu_rows_avx512vnni;
    kernels->relu_rows = minnow_relu_rows_avx512vnni;
    kernels->tanh_rows = minnow_tanh_rows_avx512vnni;
    kernels->precise_gelu_rows = minnow_precise_gelu_rows_avx512vnni;
    kernels->sigmoid_rows = minnow_sigmoid_rows_avx512vnni;
    kernels->log_rows = minnow_log_rows_avx512vnni;
    kernels->lstm_gates = minnow_lstm_gates_avx512vnni;
    kernels->gaussian_sums = minnow_gaussian_sums_avx512vnni;
    kernels->unpack_s4 = minnow_unpack_s4_avx512vnni;
    kernels->gather_s8 = minnow_gather_s8_avx512vnni;
    kernels->gather_s4 = minnow_gather_s4_avx512vnni;
    kernels->gather_f32 = minnow_gather_f32_avx512vnni;
    kernels->mean_rows = minnow_mean_rows_avx512vnni;
    kernels->max_rows = minnow_max_rows_avx512vnni;
    kernels->normalize = minnow_normalize_avx512vnni;
    kernels->dots_f32 = minnow_dots_f32_avx512vnni;
    kernels->dots_s8 = minnow_dots_s8_avx512vnni;
    kernels->dots_u1 = minnow_dots_u1_avx512vnni;
    kernels->dots_u2 = minnow_dots_u2_avx512vnni;
    kernels->dots_u4 = minnow_dots_u4_avx512vnni;
    kernels->hamming = minnow_hamming_avx512vnni;
    kernels->select = minnow_select_avx512vnni;
    kernels->maxsim_u1 = minnow_maxsim_u1_avx512vnni;
}

/* Leaf 7: bit 24 has tiles, bit 25 their products of bytes. */
static _Bool has_amx(void) {
    unsigned eax, ebx, ecx, edx;
    return has_avx512vnni() && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (edx >> 24 & 3) == 3 &&
           minnow_amx_permitted();
}

static void improve_amx(struct minnow_kernels *kernels) {
    kernels->gemm_s8 = (struct minnow_gemm_s8){.mr = 32, .nr = 32, .kr = 64, .flip = 0x80, .run = minnow_gemm_s8_amx};
}

/* A CPU may lack one in the middle: Ice Lake and Zen 4 have avx512vnni without avxvnni. */
const struct minnow_tier minnow_tiers[] = {
    {"avx2", has_avx2, improve_avx2},
    {"avxvnni", has_avxvnni, improve_avxvnni},
    {"avx512vnni", has_avx512vnni, improve_avx512vnni},
    {"amx", has_amx, improve_amx},
    {NULL, NULL, NULL},
};
