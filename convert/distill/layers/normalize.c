/* Rows to unit length. */
#include <math.h>

#include "convert/distill/layers/lanes.h"
#include "convert/distill/layers/layers.h"

static const float shortest = 1e-12f;

/* Saved: each row's length. */
static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    (void)layer;
    size_t width = step->width;
    float *out = minnow_trace_put_rows(trace, step->row_count, width);
    float *lengths = step->saved = minnow_tape_floats(&trace->tape, step->row_count);
    if (!out || !lengths) return false;
    for (size_t r = 0; r < step->row_count; r++) {
        const float *row = step->rows + r * width;
        float length = sqrtf(minnow_row_dot(row, row, width));
        lengths[r] = length > shortest ? length : shortest;
        for (size_t c = 0; c < width; c++) out[r * width + c] = row[c] / lengths[r];
    }
    return true;
}

/* (g - u (g u)) / length with u the unit vector; a row without direction, as that of an empty text, stays where it is:
 * it would be moved by 1e12. */
static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    (void)layer;
    (void)gradient;
    const float *lengths = step->saved;
    size_t width = step->width;
    for (size_t r = 0; r < step->row_count; r++) {
        const float *unit = trace->rows + r * width;
        float *g = trace->gradient + r * width, factor = lengths[r] > shortest ? 1 / lengths[r] : 0;
        float along = minnow_row_dot(g, unit, width);
        for (size_t c = 0; c < width; c++) g[c] = factor * (g[c] - along * unit[c]);
    }
    return true;
}

const struct minnow_layer_training minnow_normalize_training = {forward, backward};
