/* What a layer is to the session: how much room it needs, and how it runs. */
#ifndef MINNOW_LAYER_H
#define MINNOW_LAYER_H

#include "runtime/linear.h"
#include "runtime/pass.h"

struct minnow_layer_operations {
    void (*plan)(const struct minnow_layer *layer, struct minnow_plan *plan);
    /* By every lane of the pass, until it is finished. */
    void (*run)(const struct minnow_layer *layer, struct minnow_pass *pass);
    /* Call visit(context, linear) for each linear of the layer; NULL when it has none. */
    void (*linears)(const struct minnow_layer *layer, minnow_linear_visit_fn *visit, void *context);
};

/* By kind; NULL for a kind that does not exist. */
const struct minnow_layer_operations *minnow_layer_operations(enum minnow_layer_kind kind);

extern const struct minnow_layer_operations minnow_embedding_operations, minnow_encoder_block_operations,
    minnow_pool_operations, minnow_dense_operations, minnow_normalize_operations, minnow_positions_operations,
    minnow_keep_operations, minnow_mix_operations, minnow_lstm_operations, minnow_convolution_operations,
    minnow_kernel_pooling_operations, minnow_compare_operations, minnow_norm_operations;

/* Shared by layers. */
void minnow_plan_raise(size_t *room, size_t needed);
/* out = norm(in + residual), residual may be NULL; rows of the norm's width. */
void minnow_layer_norm_run(const struct minnow_pass *pass, const struct minnow_layer_norm *norm, const float *in,
                           const float *residual, size_t rows, float *out);

#endif
