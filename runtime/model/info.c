/* What a model says about itself. */
#include <string.h>

#include "runtime/model/model.h"

static uint64_t linear_parameters(const struct minnow_linear *linear) {
    return (uint64_t)linear->inputs * linear->outputs + (linear->bias ? linear->outputs : 0);
}

static uint64_t table_parameters(const struct minnow_table *table) { return (uint64_t)table->rows * table->width; }

static uint64_t norm_parameters(const struct minnow_layer_norm *norm) { return 2 * (uint64_t)norm->width; }

static uint64_t embedding_parameters(const struct minnow_embedding *embedding) {
    return table_parameters(&embedding->words) + table_parameters(&embedding->positions) +
           table_parameters(&embedding->types) + norm_parameters(&embedding->norm);
}

static uint64_t block_parameters(const struct minnow_encoder_block *block) {
    return linear_parameters(&block->query_key_value) + linear_parameters(&block->attention_output) +
           linear_parameters(&block->ffn_up) + linear_parameters(&block->ffn_down) +
           norm_parameters(&block->attention_norm) + norm_parameters(&block->output_norm);
}

static uint64_t layer_parameters(const struct minnow_layer *layer) {
    switch (layer->kind) {
    case MINNOW_LAYER_EMBEDDING:
        return embedding_parameters(&layer->embedding);
    case MINNOW_LAYER_ENCODER_BLOCK:
        return block_parameters(&layer->encoder_block);
    case MINNOW_LAYER_DENSE:
        return linear_parameters(&layer->dense.linear);
    case MINNOW_LAYER_POOL:
    case MINNOW_LAYER_NORMALIZE:
        break;
    }
    return 0;
}

/* Its largest weights, by which a layer that two routes share is known; NULL: it has none. */
static const void *layer_weights(const struct minnow_layer *layer, enum minnow_weight_type *type) {
    const struct minnow_linear *linear = NULL;
    switch (layer->kind) {
    case MINNOW_LAYER_EMBEDDING:
        *type = layer->embedding.words.type;
        return layer->embedding.words.data;
    case MINNOW_LAYER_ENCODER_BLOCK:
        linear = &layer->encoder_block.query_key_value;
        break;
    case MINNOW_LAYER_DENSE:
        linear = &layer->dense.linear;
        break;
    case MINNOW_LAYER_POOL:
    case MINNOW_LAYER_NORMALIZE:
        break;
    }
    if (linear) *type = linear->type;
    return linear ? linear->weight : NULL;
}

static bool in_route(const struct minnow_route *route, const void *weights) {
    enum minnow_weight_type type;
    for (uint32_t i = 0; i < route->layer_count; i++)
        if (layer_weights(&route->layers[i], &type) == weights) return true;
    return false;
}

static uint64_t count_parameters(const struct minnow_contents *contents) {
    uint64_t sum = 0;
    for (uint32_t r = 0; r < contents->route_count; r++)
        for (uint32_t i = 0; i < contents->routes[r].layer_count; i++) {
            const struct minnow_layer *layer = &contents->routes[r].layers[i];
            enum minnow_weight_type type;
            const void *weights = layer_weights(layer, &type);
            if (weights && !(r > 0 && in_route(&contents->routes[0], weights))) sum += layer_parameters(layer);
        }
    return sum;
}

/* Of some layer; the embedding may differ from the rest. */
static bool has_weights(const struct minnow_contents *contents, enum minnow_weight_type wanted) {
    for (uint32_t r = 0; r < contents->route_count; r++)
        for (uint32_t i = 0; i < contents->routes[r].layer_count; i++) {
            enum minnow_weight_type type;
            if (layer_weights(&contents->routes[r].layers[i], &type) && type == wanted) return true;
        }
    return false;
}

static const char *weights_name(const struct minnow_contents *contents) {
    if (has_weights(contents, MINNOW_WEIGHT_S4)) return "s4";
    return has_weights(contents, MINNOW_WEIGHT_S8) ? "s8" : "f32";
}

static const char *said(const char *text) { return text ? text : ""; }

static void describe_roles(const struct minnow_contents *contents, struct minnow_model_info *info) {
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        info->prompts[role] = contents->prompts[role];
        info->max_tokens[role] = contents->routes[contents->route_of_role[role]].max_tokens;
    }
}

void minnow_model_info(const struct minnow_model *model, struct minnow_model_info *info) {
    const struct minnow_contents *contents = &model->contents;
    *info = (struct minnow_model_info){
        .name = said(contents->name),
        .license = said(contents->license),
        .source = said(contents->source),
        .source_sha256 = said(contents->source_sha256),
        .converter = said(contents->converter),
        .weights = weights_name(contents),
        .isa = model->kernels.isa,
        .quantization = said(contents->quantization),
        .file_bytes = model->size,
        .parameters = count_parameters(contents),
        .dimensions = contents->routes[0].dimensions,
        .matryoshka = contents->matryoshka,
        .matryoshka_count = contents->matryoshka_count,
        .golden_count = contents->golden_count,
        .similarity = contents->similarity,
    };
    memcpy(info->space, contents->space, sizeof info->space);
    describe_roles(contents, info);
}
