/* A query's row u and a document's row v to [u; v; |u - v|; u * v]. */
#include <math.h>
#include <string.h>

#include "convert/distill/layers/layers.h"

static void compare(const float *u, const float *v, size_t width, float *out) {
    memcpy(out, u, width * sizeof *out);
    memcpy(out + width, v, width * sizeof *out);
    for (size_t i = 0; i < width; i++) {
        out[2 * width + i] = fabsf(u[i] - v[i]);
        out[3 * width + i] = u[i] * v[i];
    }
}

static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    (void)layer;
    size_t width = step->width;
    float *out = minnow_trace_put_rows(trace, trace->batch.text_count, 4 * width);
    if (!out) return false;
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        const float *u = step->rows + trace->batch.spans[i].first * width;
        compare(u, u + width, width, out + i * 4 * width);
    }
    return true;
}

static void compare_back(const float *u, const float *v, size_t width, const float *g, float *u_gradient,
                         float *v_gradient) {
    for (size_t i = 0; i < width; i++) {
        float side = u[i] > v[i] ? g[2 * width + i] : u[i] < v[i] ? -g[2 * width + i] : 0;
        u_gradient[i] = g[i] + side + v[i] * g[3 * width + i];
        v_gradient[i] = g[width + i] - side + u[i] * g[3 * width + i];
    }
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    (void)layer;
    (void)gradient;
    size_t width = step->width;
    float *next = minnow_trace_next_gradient(trace, step->row_count * width);
    if (!next) return false;
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        size_t at = trace->batch.spans[i].first * width;
        const float *u = step->rows + at;
        compare_back(u, u + width, width, trace->gradient + i * 4 * width, next + at, next + at + width);
    }
    minnow_trace_pass_back(trace);
    return true;
}

const struct minnow_layer_training minnow_compare_training = {forward, backward};
