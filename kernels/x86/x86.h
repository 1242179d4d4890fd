/* Kernels of the x86 tiers. */
#ifndef MINNOW_X86_H
#define MINNOW_X86_H

#include "kernels/kernels.h"

minnow_quantize_rows_fn minnow_quantize_rows_avx2;
minnow_gemm_s8_run_fn minnow_gemm_s8_avx2;
minnow_gemm_f32_fn minnow_gemm_f32_avx2;
minnow_softmax_rows_fn minnow_softmax_rows_avx2;
minnow_layer_norm_rows_fn minnow_layer_norm_rows_avx2;
minnow_activation_rows_fn minnow_gelu_rows_avx2;
minnow_gather_s8_fn minnow_gather_s8_avx2;
minnow_dots_f32_fn minnow_dots_f32_avx2;
minnow_dots_s8_fn minnow_dots_s8_avx2;

#endif
