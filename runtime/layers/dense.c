/* A fully connected layer with an activation. */
#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    minnow_plan_raise(&plan->row_width, layer->dense.linear.outputs);
    minnow_linear_plan(&layer->dense.linear, plan);
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_dense *dense = &layer->dense;
    minnow_pass_go_alone(pass);
    if (pass->finished) return;
    size_t in_stride = MINNOW_PADDED(dense->linear.inputs), out_stride = MINNOW_PADDED(dense->linear.outputs);
    for (size_t first = 0; first < pass->row_count; first += MINNOW_CHUNK_ROWS) {
        size_t left = pass->row_count - first;
        minnow_linear_run(pass, &dense->linear, pass->rows + first * in_stride,
                          left < MINNOW_CHUNK_ROWS ? left : MINNOW_CHUNK_ROWS, dense->activation,
                          pass->other + first * out_stride);
    }
    minnow_pass_swap(pass, pass->row_count, dense->linear.outputs);
}

static void linears(const struct minnow_layer *layer, minnow_linear_visit_fn *visit, void *context) {
    visit(context, &layer->dense.linear);
}

const struct minnow_layer_operations minnow_dense_operations = {plan, run, linears};
