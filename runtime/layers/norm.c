/* Layer norm of every row. */
#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    (void)layer;
    (void)plan; /* in place */
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_layer_norm *norm = &layer->norm;
    float *rows = pass->rows + pass->mine.first * MINNOW_PADDED(norm->width);
    minnow_layer_norm_run(pass, norm, rows, NULL, pass->mine.end - pass->mine.first, rows);
}

const struct minnow_layer_operations minnow_norm_operations = {plan, run, NULL};
