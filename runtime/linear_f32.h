/* f32 linears on XNNPACK. An operator holds the state of its run, so each session has its own. */
#ifndef MINNOW_LINEAR_F32_H
#define MINNOW_LINEAR_F32_H

#include "runtime/linear.h"

enum minnow_status minnow_linear_f32_prepare(struct minnow_linear_runner *runner, const struct minnow_linear *linear,
                                             struct minnow_error *error);
void minnow_linear_f32_run(struct minnow_linear_runner *runner, const struct minnow_linear *linear, const float *in,
                           size_t rows, float *out);
void minnow_linear_f32_release(struct minnow_linear_runner *runner);

#endif
