#include "convert/quantize/front.h"

#include <string.h>

#include "runtime/linear.h"

uint32_t minnow_front_count(const struct minnow_route *route) {
    uint32_t count = 0;
    while (count < route->layer_count && route->layers[count].kind != MINNOW_LAYER_ENCODER_BLOCK) count++;
    return count;
}

/* Of what comes out of a layer; 0: as wide as what came in. */
static size_t width_of(const struct minnow_layer *layer) {
    if (layer->kind == MINNOW_LAYER_EMBEDDING) return layer->embedding.words.width;
    return layer->kind == MINNOW_LAYER_DENSE ? layer->dense.linear.outputs : 0;
}

size_t minnow_front_widest(const struct minnow_layer *layers, uint32_t count) {
    size_t widest = 0;
    for (uint32_t i = 0; i < count; i++)
        if (width_of(&layers[i]) > widest) widest = width_of(&layers[i]);
    return widest;
}

/* ---- Dense layers as a stream takes them ---- */

static const float *restore_weights(const struct minnow_linear *linear, struct minnow_memory *memory) {
    size_t outputs = linear->outputs, inputs = linear->inputs;
    const int8_t *packed = linear->weight;
    float *weight = minnow_memory_take(memory, outputs * inputs * sizeof *weight);
    for (size_t o = 0; weight && o < outputs; o++)
        for (size_t i = 0; i < inputs; i++)
            weight[o * inputs + i] = linear->scale[o] * (float)packed[minnow_packed_s8_index(o, i, inputs)];
    return weight;
}

static bool make_effective(const struct minnow_linear *linear, struct minnow_memory *memory,
                           struct minnow_effective *effective) {
    bool rounded = linear->type == MINNOW_WEIGHT_S8; /* 4 bits are for blocks */
    *effective = (struct minnow_effective){.inputs = linear->inputs,
                                           .outputs = linear->outputs,
                                           .weight = rounded ? restore_weights(linear, memory) : linear->weight,
                                           .bias = linear->bias,
                                           .multiplier = linear->input_multiplier,
                                           .rotation = linear->input_rotation};
    return effective->weight != NULL;
}

static bool can_run(enum minnow_layer_kind kind) {
    return kind == MINNOW_LAYER_EMBEDDING || kind == MINNOW_LAYER_DENSE || kind == MINNOW_LAYER_POSITIONS ||
           kind == MINNOW_LAYER_NORM;
}

enum minnow_status minnow_front_create(const struct minnow_layer *layers, uint32_t count, struct minnow_memory *memory,
                                       struct minnow_front *front, struct minnow_error *error) {
    *front = (struct minnow_front){layers, count, minnow_memory_take(memory, count * sizeof *front->linears)};
    if (!front->linears) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "calibration");
    for (uint32_t i = 0; i < count; i++) {
        if (!can_run(layers[i].kind))
            return minnow_fail(error, MINNOW_UNSUPPORTED,
                               "layers.%u: before encoder blocks, 4-bit weights allow an embedding, dense layers, "
                               "positions and norms; --weights s8 suits this model",
                               i);
        if (layers[i].kind == MINNOW_LAYER_DENSE &&
            !make_effective(&layers[i].dense.linear, memory, &front->linears[i]))
            return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "calibration");
    }
    return MINNOW_OK;
}

/* ---- One text ---- */

struct rows {
    const struct minnow_kernels *kernels;
    size_t count, width;
    float *now, *next;
};

static void add_rows(const struct rows *rows, const struct minnow_table *table, const uint32_t *ids, size_t count,
                     float *out) {
    const struct minnow_kernels *kernels = rows->kernels;
    size_t width = table->width, stride = MINNOW_PADDED(width);
    if (table->rows == 0) return;
    switch (table->type) {
    case MINNOW_WEIGHT_F32: kernels->gather_f32(table->data, width, ids, count, width, out, stride); break;
    case MINNOW_WEIGHT_S8: kernels->gather_s8(table->data, width, table->scale, ids, count, width, out, stride); break;
    case MINNOW_WEIGHT_S4:
        kernels->gather_s4(table->data, table->steps, table->scale, ids, count, width, out, stride);
        break;
    }
}

static void add_positions(const struct rows *rows, const struct minnow_table *table) {
    for (uint32_t t = 0; t < rows->count; t++)
        add_rows(rows, table, &t, 1, rows->now + t * MINNOW_PADDED(rows->width));
}

static void normalize(const struct rows *rows, const struct minnow_layer_norm *norm) {
    rows->kernels->layer_norm_rows(rows->now, NULL, MINNOW_PADDED(norm->width), rows->count, norm->width, norm->gamma,
                                   norm->beta, norm->epsilon, rows->now);
}

static void embed(struct rows *rows, const struct minnow_embedding *embedding, const uint32_t *ids) {
    static const uint32_t type = 0;
    size_t stride = MINNOW_PADDED(embedding->words.width);
    rows->width = embedding->words.width;
    memset(rows->now, 0, rows->count * stride * sizeof *rows->now);
    add_rows(rows, &embedding->words, ids, rows->count, rows->now);
    add_positions(rows, &embedding->positions);
    for (size_t t = 0; t < rows->count; t++) add_rows(rows, &embedding->types, &type, 1, rows->now + t * stride);
    if (embedding->norm.width) normalize(rows, &embedding->norm);
}

static void multiply(struct rows *rows, const struct minnow_stream_room *room, const struct minnow_effective *linear,
                     enum minnow_activation activation) {
    float *out = rows->next;
    minnow_stream_linear(room, linear, rows->now, rows->count, out);
    minnow_activate(room->kernels, activation, out, MINNOW_PADDED(linear->outputs), rows->count, linear->outputs);
    rows->next = rows->now;
    rows->now = out;
    rows->width = linear->outputs;
}

void minnow_front_run(const struct minnow_front *front, const struct minnow_stream_room *room, const uint32_t *ids,
                      size_t count, float *const between[2], float *out) {
    struct rows rows = {.kernels = room->kernels, .count = count, .now = between[0], .next = between[1]};
    for (uint32_t i = 0; i < front->count; i++) {
        const struct minnow_layer *layer = &front->layers[i];
        switch (layer->kind) {
        case MINNOW_LAYER_EMBEDDING: embed(&rows, &layer->embedding, ids); break;
        case MINNOW_LAYER_DENSE: multiply(&rows, room, &front->linears[i], layer->dense.activation); break;
        case MINNOW_LAYER_POSITIONS: add_positions(&rows, &layer->positions.table); break;
        case MINNOW_LAYER_NORM: normalize(&rows, &layer->norm); break;
        default: break; /* minnow_front_create lets no other pass */
        }
    }
    memcpy(out, rows.now, count * MINNOW_PADDED(rows.width) * sizeof *out);
}
