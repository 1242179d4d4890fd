#include "convert/distill/weights.h"

#include <stdio.h>
#include <string.h>

#include "convert/memory.h"

struct visitor {
    minnow_weights_visit_fn *visit;
    void *context;
};

static float *visit(const struct visitor *visitor, const char *owner, const char *name, struct minnow_weights weights) {
    char full[64];
    snprintf(full, sizeof full, "%s%s%s", owner, *owner ? "." : "", name);
    weights.name = full;
    return visitor->visit(visitor->context, &weights);
}

static void visit_linear(const struct visitor *visitor, const char *name, struct minnow_linear *linear) {
    size_t count = (size_t)linear->inputs * linear->outputs;
    linear->weight =
        visit(visitor, name, "weight", (struct minnow_weights){.data = linear->weight, .count = count, .decays = true});
    if (linear->bias)
        linear->bias =
            visit(visitor, name, "bias", (struct minnow_weights){.data = linear->bias, .count = linear->outputs});
}

static void visit_table(const struct visitor *visitor, const char *name, struct minnow_table *table) {
    if (table->rows == 0) return;
    table->data = visit(visitor, "", name,
                        (struct minnow_weights){.data = table->data,
                                                .count = (size_t)table->rows * table->width,
                                                .row_width = table->width,
                                                .decays = true});
}

static void visit_norm(const struct visitor *visitor, const char *name, struct minnow_layer_norm *norm) {
    if (norm->width == 0) return;
    norm->gamma = visit(visitor, name, "gamma", (struct minnow_weights){.data = norm->gamma, .count = norm->width});
    norm->beta = visit(visitor, name, "beta", (struct minnow_weights){.data = norm->beta, .count = norm->width});
}

static void visit_embedding(const struct visitor *visitor, struct minnow_embedding *embedding) {
    visit_table(visitor, "words", &embedding->words);
    visit_table(visitor, "positions", &embedding->positions);
    visit_table(visitor, "types", &embedding->types);
    visit_norm(visitor, "norm", &embedding->norm);
}

static void visit_block(const struct visitor *visitor, struct minnow_encoder_block *block) {
    visit_linear(visitor, "query_key_value", &block->query_key_value);
    visit_linear(visitor, "attention_output", &block->attention_output);
    visit_norm(visitor, "attention_norm", &block->attention_norm);
    visit_linear(visitor, "ffn_up", &block->ffn_up);
    visit_linear(visitor, "ffn_down", &block->ffn_down);
    visit_norm(visitor, "output_norm", &block->output_norm);
}

static void visit_lstm(const struct visitor *visitor, struct minnow_lstm *lstm) {
    for (uint32_t i = 0; i < lstm->direction_count; i++) {
        char name[32];
        snprintf(name, sizeof name, "directions.%u.input", i);
        visit_linear(visitor, name, &lstm->directions[i].input);
        snprintf(name, sizeof name, "directions.%u.recurrent", i);
        visit_linear(visitor, name, &lstm->directions[i].recurrent);
    }
}

static void visit_convolution(const struct visitor *visitor, struct minnow_convolution *convolution) {
    for (uint32_t i = 0; i < convolution->branch_count; i++) {
        char name[32];
        snprintf(name, sizeof name, "branches.%u", i);
        visit_linear(visitor, name, &convolution->branches[i].linear);
    }
}

static void visit_kernel_pooling(const struct visitor *visitor, struct minnow_kernel_pooling *pooling) {
    pooling->alpha =
        visit(visitor, "", "alpha", (struct minnow_weights){.data = pooling->alpha, .count = pooling->count});
    pooling->weight =
        visit(visitor, "", "weight", (struct minnow_weights){.data = pooling->weight, .count = pooling->count});
    visit(visitor, "", "bias", (struct minnow_weights){.data = &pooling->bias, .count = 1, .in_layer = true});
}

void minnow_visit_weights(struct minnow_layer *layer, minnow_weights_visit_fn *visit_weights, void *context) {
    struct visitor visitor = {visit_weights, context};
    switch (layer->kind) {
    case MINNOW_LAYER_EMBEDDING: visit_embedding(&visitor, &layer->embedding); break;
    case MINNOW_LAYER_ENCODER_BLOCK: visit_block(&visitor, &layer->encoder_block); break;
    case MINNOW_LAYER_DENSE: visit_linear(&visitor, "linear", &layer->dense.linear); break;
    case MINNOW_LAYER_POSITIONS: visit_table(&visitor, "table", &layer->positions.table); break;
    case MINNOW_LAYER_MIX:
        visit(&visitor, "", "alpha", (struct minnow_weights){.data = &layer->mix.alpha, .count = 1, .in_layer = true});
        break;
    case MINNOW_LAYER_LSTM: visit_lstm(&visitor, &layer->lstm); break;
    case MINNOW_LAYER_CONVOLUTION: visit_convolution(&visitor, &layer->convolution); break;
    case MINNOW_LAYER_KERNEL_POOLING: visit_kernel_pooling(&visitor, &layer->kernel_pooling); break;
    case MINNOW_LAYER_NORM: visit_norm(&visitor, "norm", &layer->norm); break;
    case MINNOW_LAYER_POOL:
    case MINNOW_LAYER_NORMALIZE:
    case MINNOW_LAYER_KEEP:
    case MINNOW_LAYER_COMPARE: break;
    }
}

/* The route before this one that has the same layers, or this one. */
static uint32_t first_with(const struct minnow_contents *contents, uint32_t route) {
    for (uint32_t i = 0; i < route; i++)
        if (contents->routes[i].layers == contents->routes[route].layers) return i;
    return route;
}

bool minnow_shape_copy(const struct minnow_contents *contents, struct minnow_memory *memory,
                       struct minnow_shape *shape) {
    for (uint32_t i = 0; i < contents->route_count; i++) {
        const struct minnow_route *route = &contents->routes[i];
        uint32_t first = first_with(contents, i);
        size_t size = route->layer_count * sizeof *route->layers;
        shape->layers[i] = first < i ? shape->layers[first] : minnow_memory_take(memory, size);
        if (!shape->layers[i]) return false;
        if (first == i) memcpy(shape->layers[i], route->layers, size);
        shape->routes[i] = *route;
        shape->routes[i].layers = shape->layers[i];
    }
    return true;
}

bool minnow_shape_repeats(const struct minnow_shape *shape, uint32_t route) {
    for (uint32_t i = 0; i < route; i++)
        if (shape->layers[i] == shape->layers[route]) return true;
    return false;
}
