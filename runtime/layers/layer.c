#include "runtime/layers/layer.h"

const struct minnow_layer_operations *minnow_layer_operations(enum minnow_layer_kind kind) {
    switch (kind) {
    case MINNOW_LAYER_EMBEDDING: return &minnow_embedding_operations;
    case MINNOW_LAYER_ENCODER_BLOCK: return &minnow_encoder_block_operations;
    case MINNOW_LAYER_POOL: return &minnow_pool_operations;
    case MINNOW_LAYER_DENSE: return &minnow_dense_operations;
    case MINNOW_LAYER_NORMALIZE: return &minnow_normalize_operations;
    case MINNOW_LAYER_POSITIONS: return &minnow_positions_operations;
    case MINNOW_LAYER_KEEP: return &minnow_keep_operations;
    case MINNOW_LAYER_MIX: return &minnow_mix_operations;
    case MINNOW_LAYER_LSTM: return &minnow_lstm_operations;
    case MINNOW_LAYER_CONVOLUTION: return &minnow_convolution_operations;
    case MINNOW_LAYER_KERNEL_POOLING: return &minnow_kernel_pooling_operations;
    case MINNOW_LAYER_COMPARE: return &minnow_compare_operations;
    case MINNOW_LAYER_NORM: return &minnow_norm_operations;
    }
    return NULL;
}

void minnow_plan_raise(size_t *room, size_t needed) {
    if (*room < needed) *room = needed;
}

void minnow_layer_norm_run(const struct minnow_pass *pass, const struct minnow_layer_norm *norm, const float *in,
                           const float *residual, size_t rows, float *out) {
    pass->kernels->layer_norm_rows(in, residual, MINNOW_PADDED(norm->width), rows, norm->width, norm->gamma, norm->beta,
                                   norm->epsilon, out);
}
