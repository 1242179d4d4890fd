#include "convert/distill/layers/layers.h"

const struct minnow_layer_training *minnow_layer_training(enum minnow_layer_kind kind) {
    switch (kind) {
    case MINNOW_LAYER_EMBEDDING: return &minnow_embedding_training;
    case MINNOW_LAYER_ENCODER_BLOCK: return &minnow_encoder_block_training;
    case MINNOW_LAYER_POOL: return &minnow_pool_training;
    case MINNOW_LAYER_DENSE: return &minnow_dense_training;
    case MINNOW_LAYER_NORMALIZE: return &minnow_normalize_training;
    case MINNOW_LAYER_POSITIONS: return &minnow_positions_training;
    case MINNOW_LAYER_KEEP: return &minnow_keep_training;
    case MINNOW_LAYER_MIX: return &minnow_mix_training;
    case MINNOW_LAYER_LSTM: return &minnow_lstm_training;
    case MINNOW_LAYER_CONVOLUTION: return &minnow_convolution_training;
    case MINNOW_LAYER_KERNEL_POOLING: return &minnow_kernel_pooling_training;
    case MINNOW_LAYER_COMPARE: return &minnow_compare_training;
    case MINNOW_LAYER_NORM: return &minnow_norm_training;
    }
    return NULL;
}
