/* Token rows to one row a text; all zeros for a text of no tokens. */
#include <string.h>

#include "convert/distill/layers/lanes.h"
#include "convert/distill/layers/layers.h"

/* The columns' largest values, and the row of each. */
static void pool_max(const float *rows, size_t count, size_t width, float *out, uint32_t *best) {
    memcpy(out, rows, width * sizeof *out);
    memset(best, 0, width * sizeof *best);
    for (size_t r = 1; r < count; r++)
        for (size_t c = 0; c < width; c++)
            if (rows[r * width + c] > out[c]) {
                out[c] = rows[r * width + c];
                best[c] = (uint32_t)r;
            }
}

static void pool_mean(const float *rows, size_t count, size_t width, float *out) {
    memcpy(out, rows, width * sizeof *out);
    for (size_t r = 1; r < count; r++) minnow_row_add(1, rows + r * width, width, out);
    for (size_t c = 0; c < width; c++) out[c] /= (float)count;
}

/* Saved, for a maximum: the row of each, [texts][width]. */
static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    size_t width = step->width, texts = trace->batch.text_count;
    bool max = layer->pool.pooling == MINNOW_POOL_MAX;
    float *out = minnow_trace_put_rows(trace, texts, width);
    uint32_t *best = step->saved = minnow_tape_push(&trace->tape, max ? texts * width * sizeof *best : 0);
    if (!out || !best) return false;
    for (size_t i = 0; i < texts; i++, out += width) {
        struct minnow_span span = trace->batch.spans[i];
        const float *rows = step->rows + span.first * width;
        if (span.count == 0)
            memset(out, 0, width * sizeof *out);
        else if (max)
            pool_max(rows, span.count, width, out, best + i * width);
        else
            pool_mean(rows, layer->pool.pooling == MINNOW_POOL_MEAN ? span.count : 1, width, out);
    }
    return true;
}

static void text_back(enum minnow_pooling pooling, const uint32_t *best, size_t count, size_t width,
                      const float *out_gradient, float *gradient) {
    switch (pooling) {
    case MINNOW_POOL_CLS: minnow_row_add(1, out_gradient, width, gradient); break;
    case MINNOW_POOL_MEAN:
        for (size_t r = 0; r < count; r++) minnow_row_add(1 / (float)count, out_gradient, width, gradient + r * width);
        break;
    case MINNOW_POOL_MAX:
        for (size_t c = 0; c < width; c++) gradient[best[c] * width + c] = out_gradient[c];
        break;
    }
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    (void)gradient;
    size_t width = step->width, count = step->row_count * width;
    const uint32_t *best = step->saved;
    float *next = minnow_trace_next_gradient(trace, count);
    if (!next) return false;
    memset(next, 0, count * sizeof *next);
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        struct minnow_span span = trace->batch.spans[i];
        if (span.count)
            text_back(layer->pool.pooling, best + i * width, span.count, width, trace->gradient + i * width,
                      next + span.first * width);
    }
    minnow_trace_pass_back(trace);
    return true;
}

const struct minnow_layer_training minnow_pool_training = {forward, backward};
