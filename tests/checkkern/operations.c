/* The ops: one row each. */
#include "tests/checkkern/check.h"

static const struct shape attention[] = {{32, 16, 32},  {32, 128, 32}, {32, 256, 32},
                                         {32, 32, 128}, {32, 32, 256}, {0, 0, 0}};
static const struct shape heads[] = {{8, 32, 0}, {128, 32, 0}, {256, 32, 0}, {128, 64, 0}, {0, 0, 0}};
static const struct shape searches[] = {{1000, 384, 0}, {1000, 768, 0}, {0, 0, 0}};
static const struct shape selections[] = {{1, 1024, 0}, {0, 0, 0}};
static const struct shape interactions[] = {{32, 180, 128}, {32, 60, 128}, {0, 0, 0}};
/* The maxima of late interaction, and of tokens. */
static const struct shape pooled[] = {{180, 32, 0}, {16, 384, 0}, {128, 384, 0}, {0, 0, 0}};
/* Tokens, filters, and three tokens' columns. */
static const struct shape convolutions[] = {{16, 128, 912}, {128, 128, 912}, {128, 384, 1152}, {0, 0, 0}};
static const struct shape recurrences[] = {{1, 128, 0}, {1, 256, 0}, {8, 256, 0}, {0, 0, 0}};
static const struct shape cosines[] = {{30, 60, 0}, {30, 200, 0}, {0, 0, 0}};
static const struct shape unpacked[] = {{16, 384, 0}, {16, 1536, 0}, {0, 0, 0}};
static const struct shape scores[] = {{32, 16, 0}, {32, 128, 0}, {32, 256, 0}, {0, 0, 0}};

const struct operation operations[] = {
    {"rotate_rows", 2, "element", prepare_rotate_rows, run_rotate_rows, NULL},
    {"quantize_rows", 2, "element", prepare_quantize_rows, run_quantize_rows, NULL},
    {"gemm_s8", 3, "MAC", prepare_gemm_s8, run_gemm_s8, NULL},
    {"pack_rows", 2, "element", prepare_pack_rows, run_pack_rows, heads},
    {"pack_columns", 2, "element", prepare_pack_columns, run_pack_columns, heads},
    {"convolution", 3, "MAC", prepare_convolution, run_gemm_s8, convolutions},
    {"gemm_f32", 3, "MAC", prepare_gemm_f32, run_gemm_f32, attention},
    {"softmax_rows", 2, "element", prepare_softmax_rows, run_softmax_rows, scores},
    {"softmax_quantize_rows", 2, "element", prepare_softmax_quantize_rows, run_softmax_quantize_rows, scores},
    {"layer_norm_rows", 2, "element", prepare_layer_norm_rows, run_layer_norm_rows, NULL},
    {"precise_gelu_rows", 2, "element", prepare_in_place, run_precise_gelu_rows, NULL},
    {"gelu_rows", 2, "element", prepare_in_place, run_gelu_rows, NULL},
    {"relu_rows", 2, "element", prepare_in_place, run_relu_rows, NULL},
    {"tanh_rows", 2, "element", prepare_in_place, run_tanh_rows, NULL},
    {"sigmoid_rows", 2, "element", prepare_in_place, run_sigmoid_rows, NULL},
    {"log_rows", 2, "element", prepare_in_place, run_log_rows, NULL},
    {"lstm_gates", 2, "element", prepare_lstm_gates, run_lstm_gates, recurrences},
    {"gaussian_sums", 2, "element", prepare_gaussian_sums, run_gaussian_sums, cosines},
    {"unpack_s4", 2, "element", prepare_unpack_s4, run_unpack_s4, unpacked},
    {"gather_s8", 2, "element", prepare_gather_s8, run_gather_s8, NULL},
    {"gather_s4", 2, "element", prepare_gather_s4, run_gather_s4, NULL},
    {"gather_f32", 2, "element", prepare_gather_f32, run_gather_f32, NULL},
    {"mean_rows", 2, "element", prepare_pool_rows, run_mean_rows, NULL},
    {"max_rows", 2, "element", prepare_pool_rows, run_max_rows, pooled},
    {"normalize", 2, "element", prepare_normalize, run_normalize, NULL},
    {"dots_f32", 2, "MAC", prepare_dots_f32, run_dots_f32, searches},
    {"dots_s8", 2, "MAC", prepare_dots_s8, run_dots_s8, searches},
    {"dots_u1", 2, "MAC", prepare_dots_u1, run_dots_u1, searches},
    {"dots_u2", 2, "MAC", prepare_dots_u2, run_dots_u2, searches},
    {"dots_u4", 2, "MAC", prepare_dots_u4, run_dots_u4, searches},
    {"hamming", 2, "bit", prepare_hamming, run_hamming, searches},
    {"select", 2, "number", prepare_select, run_select, selections},
    {"maxsim_u1", 3, "MAC", prepare_maxsim_u1, run_maxsim_u1, interactions},
    {NULL, 0, NULL, NULL, NULL, NULL},
};
