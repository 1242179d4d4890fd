/* A fully connected layer with an activation. */
#include <string.h>

#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    minnow_plan_raise(&plan->row_width, layer->dense.linear.outputs);
    minnow_linear_plan(&layer->dense.linear, plan);
}

/* The rows that are this lane's own, to the other buffer. */
static void run_rows(const struct minnow_dense *dense, struct minnow_pass *pass) {
    size_t in_stride = MINNOW_PADDED(dense->linear.inputs), out_stride = MINNOW_PADDED(dense->linear.outputs);
    for (size_t first = pass->mine.first; first < pass->mine.end; first += MINNOW_CHUNK_ROWS) {
        size_t left = pass->mine.end - first;
        minnow_linear_run(pass, &dense->linear, pass->rows + first * in_stride,
                          left < MINNOW_CHUNK_ROWS ? left : MINNOW_CHUNK_ROWS, dense->activation,
                          pass->other + first * out_stride);
    }
    minnow_pass_swap(pass, pass->row_count, dense->linear.outputs);
}

/* All rows, which are few; every lane computes some outputs, and takes a copy of all. */
static void run_outputs(const struct minnow_dense *dense, struct minnow_pass *pass) {
    float *out = pass->shared->spare;
    minnow_linear_run(pass, &dense->linear, pass->rows, pass->row_count, dense->activation, out);
    memcpy(pass->rows, out, pass->row_count * MINNOW_PADDED(dense->linear.outputs) * sizeof *out);
    pass->width = dense->linear.outputs;
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    minnow_pass_wait(pass); /* until nobody reads any more what is written here */
    if (pass->divide_outputs)
        run_outputs(&layer->dense, pass);
    else
        run_rows(&layer->dense, pass);
}

static void linears(const struct minnow_layer *layer, minnow_linear_visit_fn *visit, void *context) {
    visit(context, &layer->dense.linear);
}

const struct minnow_layer_operations minnow_dense_operations = {plan, run, linears};
