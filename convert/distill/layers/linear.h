/* Products of linear layers, there and back. Rows lie one behind the other. */
#ifndef MINNOW_TRAINED_LINEAR_H
#define MINNOW_TRAINED_LINEAR_H

#include "runtime/model/model.h"

/* out[r] = W in[r] + b. */
void minnow_train_linear(const struct minnow_linear *linear, const float *in, size_t rows, float *out);

/* Adds what the rows give to the gradients of weight and bias. */
void minnow_train_linear_weights(const struct minnow_linear *linear, struct minnow_linear *gradient, const float *in,
                                 const float *out_gradient, size_t rows);

/* in_gradient[r] = W^T out_gradient[r], or that added to what is there. */
void minnow_train_linear_inputs(const struct minnow_linear *linear, const float *out_gradient, size_t rows, bool add,
                                float *in_gradient);

#endif
