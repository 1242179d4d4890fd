/* A row of a table for each token's position, added. */
#include <string.h>

#include "convert/distill/layers/layers.h"
#include "convert/distill/layers/table.h"

static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    float *out = minnow_trace_put_rows(trace, step->row_count, step->width);
    if (!out) return false;
    memcpy(out, step->rows, step->row_count * step->width * sizeof *out);
    minnow_train_table(&layer->positions.table, trace->batch.positions, step->row_count, out);
    return true;
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    (void)layer;
    minnow_train_table_back(&gradient->positions.table, trace->gradients, trace->batch.positions, step->row_count,
                            trace->gradient);
    return true;
}

const struct minnow_layer_training minnow_positions_training = {forward, backward};
