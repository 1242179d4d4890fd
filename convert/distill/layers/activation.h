/* Activations of many numbers, there and back. */
#ifndef MINNOW_TRAINED_ACTIVATION_H
#define MINNOW_TRAINED_ACTIVATION_H

#include "runtime/model/model.h"

/* out = activation(in); room up to the next multiple of 16 floats, which is written, too. out may be in. */
void minnow_train_activation(const struct minnow_kernels *kernels, enum minnow_activation activation, const float *in,
                             size_t count, float *out);

/* The gradient of what came in, in place of that of what came out. */
void minnow_train_activation_back(const struct minnow_kernels *kernels, enum minnow_activation activation,
                                  const float *in, const float *out, size_t count, float *gradient);

#endif
