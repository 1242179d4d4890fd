/* y = W x + b for many rows: s8 through the kernels, f32 through XNNPACK. */
#ifndef MINNOW_LINEAR_H
#define MINNOW_LINEAR_H

#include "runtime/model/model.h"
#include "runtime/parallel.h"

typedef void minnow_linear_visit_fn(void *context, const struct minnow_linear *linear);

/* Sees the input rows of every linear, before it runs (calibration). */
typedef void minnow_linear_observer_fn(void *context, const struct minnow_linear *linear, const float *rows,
                                       size_t row_count, size_t stride);

struct minnow_linear_runner {
    const struct minnow_kernels *kernels;
    struct minnow_threads *threads;
    float *rotated;                               /* [threads][MINNOW_ROTATED_ROWS][widest input, padded] */
    size_t rotated_floats;                        /* of one thread */
    int8_t *quantized;                            /* [rows][widest input, padded] */
    struct minnow_row_quantization *quantization; /* [rows] */
    struct minnow_linear_f32 *f32;                /* XNNPACK operators, one a linear */
    size_t f32_count, f32_capacity;
    minnow_linear_observer_fn *observe;
    void *observe_context;
};

/* Prepare an f32 linear (packs its weights for this session); nothing to do for s8. Runs of the
 * library that follow allocate nothing. */
enum minnow_status minnow_linear_prepare(struct minnow_linear_runner *runner, const struct minnow_linear *linear,
                                         struct minnow_error *error);
void minnow_linear_release(struct minnow_linear_runner *runner);

/* in: [rows][MINNOW_PADDED(inputs)], out: [rows][MINNOW_PADDED(outputs)], different memory. */
void minnow_linear_run(struct minnow_linear_runner *runner, const struct minnow_linear *linear, const float *in,
                       size_t rows, enum minnow_activation activation, float *out);

/* Rows that one work item takes, and that are rotated at once: they stay in the nearest caches. */
enum { MINNOW_CHUNK_ROWS = 64, MINNOW_ROTATED_ROWS = 8 };

#endif
