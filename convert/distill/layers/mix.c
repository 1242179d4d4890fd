/* Rows kept, and mixed with what later layers made of them (TK). */
#include <string.h>

#include "convert/distill/layers/lanes.h"
#include "convert/distill/layers/layers.h"

/* The rows stay on the tape, or the caller's: there is nothing to copy. */
static bool keep(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    (void)layer;
    trace->kept = step->rows;
    return true;
}

static bool keep_back(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                      const struct minnow_step *step) {
    (void)layer;
    (void)gradient;
    if (trace->kept_gradient) minnow_row_add(1, trace->kept_gradient, step->row_count * step->width, trace->gradient);
    trace->kept_gradient = NULL;
    return true;
}

/* Saved: the kept rows. */
static bool mix(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    float alpha = layer->mix.alpha, rest = 1 - alpha;
    float *out = minnow_trace_put_rows(trace, step->row_count, step->width);
    const float *kept = trace->kept;
    if (!out) return false;
    step->saved = minnow_writable(kept);
    for (size_t i = 0; i < step->row_count * step->width; i++) out[i] = alpha * kept[i] + rest * step->rows[i];
    return true;
}

static bool mix_back(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    float alpha = layer->mix.alpha, *g = trace->gradient;
    size_t count = step->row_count * step->width;
    float *kept_gradient = minnow_trace_kept_gradient(trace, count);
    if (!kept_gradient) return false;
    gradient->mix.alpha += minnow_row_dot(g, step->saved, count) - minnow_row_dot(g, step->rows, count);
    minnow_row_add(alpha, g, count, kept_gradient);
    for (size_t i = 0; i < count; i++) g[i] *= 1 - alpha;
    return true;
}

const struct minnow_layer_training minnow_keep_training = {keep, keep_back};
const struct minnow_layer_training minnow_mix_training = {mix, mix_back};
