/* What a layer is to training: its way forward, and its way back. Forward computes what runtime/ computes in f32. */
#ifndef MINNOW_TRAINED_LAYERS_H
#define MINNOW_TRAINED_LAYERS_H

#include "convert/distill/trace.h"

/* Both return false where memory ran out, and leave the trace to be begun again. */
struct minnow_layer_training {
    /* From trace->rows to new rows (minnow_trace_put_rows); step says what came in, step->saved is the layer's. */
    bool (*forward)(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step);
    /* trace->gradient is that of what came out; adds the weights' gradients to those of `gradient`, and makes
     * trace->gradient that of what came in. The tape may be used; all of it that the layer took is released after. */
    bool (*backward)(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step);
};

const struct minnow_layer_training *minnow_layer_training(enum minnow_layer_kind kind);

extern const struct minnow_layer_training minnow_embedding_training, minnow_encoder_block_training,
    minnow_pool_training, minnow_dense_training, minnow_normalize_training, minnow_positions_training,
    minnow_keep_training, minnow_mix_training, minnow_lstm_training, minnow_convolution_training,
    minnow_kernel_pooling_training, minnow_compare_training, minnow_norm_training;

#endif
