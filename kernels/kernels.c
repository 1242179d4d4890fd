/* Choosing a tier: the reference first, then every tier of this architecture that the CPU has. */
#include "kernels/kernels.h"

#include <string.h>

#include "kernels/cascade.h"
#include "kernels/reference/reference.h"

static const struct minnow_kernels reference = {
    .isa = "reference",
    .rotate_rows = minnow_rotate_rows_reference,
    .quantize_rows = minnow_quantize_rows_reference,
    .gemm_s8 = {.mr = 1, .nr = 16, .kr = 4, .run = minnow_gemm_s8_reference},
    .pack_rows = minnow_pack_rows_reference,
    .pack_columns = minnow_pack_columns_reference,
    .gemm_f32 = minnow_gemm_f32_reference,
    .softmax_rows = minnow_softmax_rows_reference,
    .softmax_quantize_rows = minnow_softmax_quantize_rows_reference,
    .layer_norm_rows = minnow_layer_norm_rows_reference,
    .gelu_rows = minnow_gelu_rows_reference,
    .precise_gelu_rows = minnow_precise_gelu_rows_reference,
    .relu_rows = minnow_relu_rows_reference,
    .tanh_rows = minnow_tanh_rows_reference,
    .sigmoid_rows = minnow_sigmoid_rows_reference,
    .log_rows = minnow_log_rows_reference,
    .lstm_gates = minnow_lstm_gates_reference,
    .gaussian_sums = minnow_gaussian_sums_reference,
    .unpack_s4 = minnow_unpack_s4_reference,
    .gather_s8 = minnow_gather_s8_reference,
    .gather_s4 = minnow_gather_s4_reference,
    .gather_f32 = minnow_gather_f32_reference,
    .mean_rows = minnow_mean_rows_reference,
    .max_rows = minnow_max_rows_reference,
    .normalize = minnow_normalize_reference,
    .dots_f32 = minnow_dots_f32_reference,
    .dots_s8 = minnow_dots_s8_reference,
    .dots_u1 = minnow_dots_u1_reference,
    .dots_u2 = minnow_dots_u2_reference,
    .dots_u4 = minnow_dots_u4_reference,
    .hamming = minnow_hamming_reference,
    .select = minnow_select_reference,
    .maxsim_u1 = minnow_maxsim_u1_reference,
};

_Bool minnow_kernels_choose(struct minnow_kernels *kernels, const char *isa) {
    *kernels = reference;
    if (isa && strcmp(isa, reference.isa) == 0) return 1;
    for (const struct minnow_tier *tier = minnow_tiers; tier->isa; tier++) {
        if (!tier->present()) continue;
        tier->improve(kernels);
        kernels->isa = tier->isa;
        if (isa && strcmp(isa, tier->isa) == 0) return 1;
    }
    return isa == NULL;
}

const char *minnow_kernels_tier(size_t index) {
    if (index == 0) return reference.isa;
    for (size_t i = 0; i < index; i++)
        if (!minnow_tiers[i].isa) return NULL;
    return minnow_tiers[index - 1].isa;
}
