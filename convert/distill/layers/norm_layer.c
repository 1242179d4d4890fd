/* Layer norm of every row. */
#include "convert/distill/layers/layers.h"
#include "convert/distill/layers/norm.h"

static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    size_t rows = step->row_count, width = step->width;
    struct minnow_normed *normed = step->saved = minnow_tape_push(&trace->tape, sizeof *normed);
    if (!normed || !minnow_normed_take(&trace->tape, rows, width, normed)) return false;
    float *out = minnow_trace_put_rows(trace, rows, width);
    if (out) minnow_train_norm(&layer->norm, step->rows, NULL, rows, normed, out);
    return out != NULL;
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    minnow_train_norm_back(&layer->norm, &gradient->norm, step->saved, trace->gradient, step->row_count,
                           trace->gradient);
    return true;
}

const struct minnow_layer_training minnow_norm_training = {forward, backward};
