/* Layer norm, there and back. */
#ifndef MINNOW_TRAINED_NORM_H
#define MINNOW_TRAINED_NORM_H

#include "convert/distill/tape.h"
#include "runtime/model/model.h"

/* What the way back needs, for each row. */
struct minnow_normed {
    float *normalized; /* [rows][width]: (v - mean) / sqrt(variance + epsilon) */
    float *inverse;    /* [rows]: 1 / sqrt(variance + epsilon) */
};

/* False: out of memory. */
bool minnow_normed_take(struct minnow_tape *tape, size_t rows, size_t width, struct minnow_normed *normed);

/* out = norm(in + residual); residual may be NULL, out may be one of them. */
void minnow_train_norm(const struct minnow_layer_norm *norm, const float *in, const float *residual, size_t rows,
                       const struct minnow_normed *normed, float *out);

/* The gradient of in + residual, which may lie where out_gradient does; adds to those of gamma and beta. */
void minnow_train_norm_back(const struct minnow_layer_norm *norm, struct minnow_layer_norm *gradient,
                            const struct minnow_normed *normed, const float *out_gradient, size_t rows,
                            float *in_gradient);

#endif
