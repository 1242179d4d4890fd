/* A fully connected layer with an activation. */
#include "convert/distill/layers/activation.h"
#include "convert/distill/layers/layers.h"
#include "convert/distill/layers/linear.h"

/* Saved: what the activation saw; where it is the identity, its own result will do. */
static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    const struct minnow_dense *dense = &layer->dense;
    size_t rows = step->row_count, width = dense->linear.outputs;
    float *out = minnow_trace_put_rows(trace, rows, width);
    float *before = dense->activation == MINNOW_IDENTITY ? out : minnow_tape_floats(&trace->tape, rows * width);
    if (!out || !before) return false;
    step->saved = before;
    minnow_train_linear(&dense->linear, step->rows, rows, before);
    if (before != out) minnow_train_activation(trace->kernels, dense->activation, before, rows * width, out);
    return true;
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    const struct minnow_dense *dense = &layer->dense;
    size_t rows = step->row_count;
    float *next = minnow_trace_next_gradient(trace, rows * dense->linear.inputs);
    if (!next) return false;
    minnow_train_activation_back(trace->kernels, dense->activation, step->saved, trace->rows,
                                 rows * dense->linear.outputs, trace->gradient);
    minnow_train_linear_weights(&dense->linear, &gradient->dense.linear, step->rows, trace->gradient, rows);
    minnow_train_linear_inputs(&dense->linear, trace->gradient, rows, false, next);
    minnow_trace_pass_back(trace);
    return true;
}

const struct minnow_layer_training minnow_dense_training = {forward, backward};
