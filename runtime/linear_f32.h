/* f32 linears on XNNPACK. An operator holds the state of its run, so each session has its own. */
#ifndef MINNOW_LINEAR_F32_H
#define MINNOW_LINEAR_F32_H

#include "runtime/linear.h"
#include "runtime/error.h"

struct minnow_linear_operator;

struct minnow_linear_f32 {
    struct minnow_linear_operator *operators; /* one a linear */
    size_t count, capacity;
};

/* Prepare a linear, packing its weights; runs that follow allocate nothing. */
enum minnow_status minnow_linear_f32_prepare(struct minnow_linear_f32 *f32, const struct minnow_linear *linear,
                                             struct minnow_error *error);
/* pool: optional, the threads to use. */
void minnow_linear_f32_run(const struct minnow_linear_f32 *f32, const struct minnow_linear *linear, const float *in,
                           size_t rows, float *out, struct pthreadpool *pool);
void minnow_linear_f32_release(struct minnow_linear_f32 *f32);

#endif
