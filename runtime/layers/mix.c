/* Rows kept, and mixed with what later layers made of them (TK). */
#include <math.h>
#include <string.h>

#include "runtime/layers/layer.h"

/* Each lane keeps what it will mix itself: its own rows, or its own copy of all. */
static float *kept_rows(const struct minnow_pass *pass) {
    return pass->divide_outputs ? pass->own->kept : pass->shared->kept;
}

static void plan_keep(const struct minnow_layer *layer, struct minnow_plan *plan) {
    (void)layer;
    plan->kept_width = plan->row_width; /* the widest so far */
}

static void run_keep(const struct minnow_layer *layer, struct minnow_pass *pass) {
    (void)layer;
    size_t stride = MINNOW_PADDED(pass->width), from = pass->mine.first * stride;
    memcpy(kept_rows(pass) + from, pass->rows + from, (pass->mine.end * stride - from) * sizeof(float));
}

static void plan_mix(const struct minnow_layer *layer, struct minnow_plan *plan) {
    (void)layer;
    (void)plan; /* in place */
}

static void run_mix(const struct minnow_layer *layer, struct minnow_pass *pass) {
    size_t stride = MINNOW_PADDED(pass->width);
    float alpha = layer->mix.alpha, rest = 1 - alpha;
    const float *kept = kept_rows(pass);
    for (size_t i = pass->mine.first * stride; i < pass->mine.end * stride; i++)
        pass->rows[i] = alpha * kept[i] + rest * pass->rows[i];
}

const struct minnow_layer_operations minnow_keep_operations = {plan_keep, run_keep, NULL};
const struct minnow_layer_operations minnow_mix_operations = {plan_mix, run_mix, NULL};
