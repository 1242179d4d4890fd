/* A fully connected layer with an activation. */
#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    minnow_plan_raise(&plan->row_width, layer->dense.linear.outputs);
    minnow_plan_raise(&plan->input_width, layer->dense.linear.inputs);
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_dense *dense = &layer->dense;
    minnow_linear_run(pass->linears, &dense->linear, pass->rows, pass->row_count, dense->activation, pass->spare);
    minnow_pass_swap(pass, pass->row_count, dense->linear.outputs);
}

static void linears(const struct minnow_layer *layer, minnow_linear_visit_fn *visit, void *context) {
    visit(context, &layer->dense.linear);
}

const struct minnow_layer_operations minnow_dense_operations = {plan, run, linears};
