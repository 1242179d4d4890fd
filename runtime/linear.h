/* y = W x + b for many rows: s8 and s4 through the kernels, f32 through XNNPACK. */
#ifndef MINNOW_LINEAR_H
#define MINNOW_LINEAR_H

#include "runtime/pass.h"

typedef void minnow_linear_visit_fn(void *context, const struct minnow_linear *linear);

/* Raise what a pass through it needs. */
void minnow_linear_plan(const struct minnow_linear *linear, struct minnow_plan *plan);

/* in: [rows][MINNOW_PADDED(inputs)], out: [rows][MINNOW_PADDED(outputs)], different memory; at most the plan's
 * chunk_rows. Where the pass divides outputs, `out` is shared, and complete when this returns. */
void minnow_linear_run(const struct minnow_pass *pass, const struct minnow_linear *linear, const float *in, size_t rows,
                       enum minnow_activation activation, float *out);

/* The two halves of it, for s8 and s4 weights. out: [rows][MINNOW_PADDED(inputs)], rotated where the layer asks for it. */
void minnow_linear_quantize(const struct minnow_pass *pass, const struct minnow_linear *linear, const float *in,
                            size_t rows, int8_t *out, struct minnow_row_quantization *quantization);

struct minnow_linear_input {
    const int8_t *rows;
    const struct minnow_row_quantization *quantization;
    size_t row_count, stride; /* stride: MINNOW_PADDED(inputs), or less where rows overlap */
};

/* In place, on padded rows. */
void minnow_activate(const struct minnow_kernels *kernels, enum minnow_activation activation, float *rows,
                     size_t stride, size_t row_count, size_t columns);

/* The outputs of a range that begins at a multiple of 16; output `range.first` goes to out[0]. */
void minnow_linear_multiply(const struct minnow_pass *pass, const struct minnow_linear *linear,
                            struct minnow_linear_input input, struct minnow_range range, float *out, size_t out_stride);

#endif
