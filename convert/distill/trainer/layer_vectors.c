#include "convert/distill/trainer/layer_vectors.h"

#include "convert/distill/layers/lanes.h"

#include <math.h>
#include <string.h>

struct minnow_layer_pooling minnow_layer_pooling_of(const struct minnow_contents *contents, enum minnow_role role) {
    const struct minnow_route *route = minnow_route_of(contents, role);
    struct minnow_layer_pooling pooling = {.unit = contents->similarity == MINNOW_COSINE};
    for (uint32_t i = 0; i < route->layer_count; i++) {
        const struct minnow_layer *layer = &route->layers[i];
        if (layer->kind == MINNOW_LAYER_POOL) pooling.first = layer->pool.pooling == MINNOW_POOL_CLS;
    }
    return pooling;
}

uint32_t minnow_layer_vectors_blocks(const struct minnow_route *route, uint32_t *layers) {
    uint32_t count = 0;
    for (uint32_t i = 0; i + 1 < route->layer_count; i++) {
        if (route->layers[i].kind != MINNOW_LAYER_ENCODER_BLOCK) continue;
        if (layers) layers[count] = i;
        count++;
    }
    return count;
}

static uint32_t rows_used(const struct minnow_span *span, struct minnow_layer_pooling pooling) {
    return pooling.first && span->count ? 1 : span->count;
}

static float length_of(const float *vector, size_t width) {
    double sum = 0;
    for (size_t c = 0; c < width; c++) sum += (double)vector[c] * (double)vector[c];
    return (float)sqrt(sum);
}

void minnow_layer_vectors_take(const struct minnow_trace *trace, uint32_t layer, struct minnow_layer_pooling pooling,
                               float *vectors, float *lengths) {
    const struct minnow_step *after = &trace->steps[layer + 1];
    size_t width = after->width;
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        const struct minnow_span *span = &trace->batch.spans[i];
        float *vector = vectors + i * width;
        uint32_t used = rows_used(span, pooling);
        memset(vector, 0, width * sizeof *vector);
        for (uint32_t r = 0; r < used; r++)
            minnow_row_add(1 / (float)used, after->rows + (span->first + r) * width, width, vector);
        lengths[i] = pooling.unit ? length_of(vector, width) : 1;
        for (size_t c = 0; c < width && lengths[i] > 0; c++) vector[c] /= lengths[i];
    }
}

/* By the vector before it had length 1: (g - (g u) u) / length. */
static void unit_back(const float *vector, float length, size_t width, float *gradient) {
    double along = 0;
    for (size_t c = 0; c < width; c++) along += (double)gradient[c] * (double)vector[c];
    for (size_t c = 0; c < width; c++)
        gradient[c] = length > 0 ? (gradient[c] - (float)along * vector[c]) / length : 0;
}

bool minnow_layer_vectors_back(struct minnow_trace *trace, uint32_t layer, struct minnow_layer_pooling pooling,
                               const float *vectors, const float *lengths, float *gradient) {
    size_t width = trace->steps[layer + 1].width;
    float *rows = minnow_trace_gradient_after(trace, layer);
    if (!rows) return false;
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        const struct minnow_span *span = &trace->batch.spans[i];
        uint32_t used = rows_used(span, pooling);
        if (pooling.unit) unit_back(vectors + i * width, lengths[i], width, gradient + i * width);
        for (uint32_t r = 0; r < used; r++)
            minnow_row_add(1 / (float)used, gradient + i * width, width, rows + (span->first + r) * width);
    }
    return true;
}
