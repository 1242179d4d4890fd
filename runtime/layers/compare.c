/* A query's row u and a document's row v to [u; v; |u - v|; u * v]. */
#include <math.h>
#include <string.h>

#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    (void)layer;
    minnow_plan_raise(&plan->row_width, 4 * plan->row_width); /* of the parts at most */
}

static void compare(const float *u, const float *v, size_t width, float *out) {
    memcpy(out, u, width * sizeof *out);
    memcpy(out + width, v, width * sizeof *out);
    for (size_t i = 0; i < width; i++) {
        out[2 * width + i] = fabsf(u[i] - v[i]);
        out[3 * width + i] = u[i] * v[i];
    }
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    (void)layer;
    minnow_pass_go_alone(pass);
    if (pass->finished) return;
    size_t width = pass->width, stride = MINNOW_PADDED(width), out_stride = MINNOW_PADDED(4 * width);
    for (size_t i = 0; i < pass->text_count; i++) {
        const float *u = pass->rows + pass->shared->spans[i].first * stride;
        compare(u, u + stride, width, pass->other + i * out_stride);
    }
    minnow_pass_swap(pass, pass->text_count, 4 * width);
}

const struct minnow_layer_operations minnow_compare_operations = {plan, run, NULL};
