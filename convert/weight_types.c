#include "convert/weight_types.h"

static bool is_f32_block(const struct minnow_encoder_block *block) {
    return block->query_key_value.type == MINNOW_WEIGHT_F32 && block->attention_output.type == MINNOW_WEIGHT_F32 &&
           block->ffn_up.type == MINNOW_WEIGHT_F32 && block->ffn_down.type == MINNOW_WEIGHT_F32;
}

static bool is_f32_lstm(const struct minnow_lstm *lstm) {
    for (uint32_t i = 0; i < lstm->direction_count; i++)
        if (lstm->directions[i].input.type != MINNOW_WEIGHT_F32 ||
            lstm->directions[i].recurrent.type != MINNOW_WEIGHT_F32)
            return false;
    return true;
}

static bool is_f32_convolution(const struct minnow_convolution *convolution) {
    for (uint32_t i = 0; i < convolution->branch_count; i++)
        if (convolution->branches[i].linear.type != MINNOW_WEIGHT_F32) return false;
    return true;
}

bool minnow_layer_is_f32(const struct minnow_layer *layer) {
    switch (layer->kind) {
    case MINNOW_LAYER_EMBEDDING:
        return layer->embedding.words.type == MINNOW_WEIGHT_F32 &&
               layer->embedding.positions.type == MINNOW_WEIGHT_F32 && layer->embedding.types.type == MINNOW_WEIGHT_F32;
    case MINNOW_LAYER_ENCODER_BLOCK: return is_f32_block(&layer->encoder_block);
    case MINNOW_LAYER_DENSE: return layer->dense.linear.type == MINNOW_WEIGHT_F32;
    case MINNOW_LAYER_POSITIONS: return layer->positions.table.type == MINNOW_WEIGHT_F32;
    case MINNOW_LAYER_LSTM: return is_f32_lstm(&layer->lstm);
    case MINNOW_LAYER_CONVOLUTION: return is_f32_convolution(&layer->convolution);
    case MINNOW_LAYER_POOL:
    case MINNOW_LAYER_NORMALIZE:
    case MINNOW_LAYER_KEEP:
    case MINNOW_LAYER_MIX:
    case MINNOW_LAYER_KERNEL_POOLING:
    case MINNOW_LAYER_COMPARE:
    case MINNOW_LAYER_NORM: return true;
    }
    return false;
}
