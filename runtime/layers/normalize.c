/* Rows to unit length. */
#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    (void)layer;
    (void)plan; /* in place */
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    (void)layer;
    minnow_pass_go_alone(pass);
    if (pass->finished) return;
    for (size_t r = 0; r < pass->row_count; r++)
        pass->kernels->normalize(pass->rows + r * MINNOW_PADDED(pass->width), pass->width);
}

const struct minnow_layer_operations minnow_normalize_operations = {plan, run, NULL};
