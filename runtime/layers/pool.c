/* Token rows to one row a text. */
#include <string.h>

#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    (void)layer;
    (void)plan; /* no wider than what comes in */
}

static void pool_text(const struct minnow_pass *pass, enum minnow_pooling pooling, struct minnow_span span,
                      float *out) {
    size_t stride = MINNOW_PADDED(pass->width);
    const float *rows = pass->rows + span.first * stride;
    if (span.count == 0) { /* no token is left of the text */
        memset(out, 0, stride * sizeof *out);
        return;
    }
    switch (pooling) {
    case MINNOW_POOL_CLS: memcpy(out, rows, pass->width * sizeof *out); break;
    case MINNOW_POOL_MEAN: pass->kernels->mean_rows(rows, stride, span.count, pass->width, out); break;
    case MINNOW_POOL_MAX: pass->kernels->max_rows(rows, stride, span.count, pass->width, out); break;
    }
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    minnow_pass_go_alone(pass);
    if (pass->finished) return;
    size_t stride = MINNOW_PADDED(pass->width);
    for (size_t i = 0; i < pass->text_count; i++)
        pool_text(pass, layer->pool.pooling, pass->shared->spans[i], pass->other + i * stride);
    minnow_pass_swap(pass, pass->text_count, pass->width);
}

const struct minnow_layer_operations minnow_pool_operations = {plan, run, NULL};
