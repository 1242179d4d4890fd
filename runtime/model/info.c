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

static uint64_t lstm_parameters(const struct minnow_lstm *lstm) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < lstm->direction_count; i++)
        sum += linear_parameters(&lstm->directions[i].input) + linear_parameters(&lstm->directions[i].recurrent);
    return sum;
}

static uint64_t convolution_parameters(const struct minnow_convolution *convolution) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < convolution->branch_count; i++) {
        const struct minnow_convolution_branch *branch = &convolution->branches[i];
        sum += branch->linear.outputs * ((uint64_t)branch->taps * convolution->width + 1);
    }
    return sum;
}

static uint64_t layer_parameters(const struct minnow_layer *layer) {
    switch (layer->kind) {
    case MINNOW_LAYER_EMBEDDING:
        return embedding_parameters(&layer->embedding);
    case MINNOW_LAYER_ENCODER_BLOCK:
        return block_parameters(&layer->encoder_block);
    case MINNOW_LAYER_DENSE:
        return linear_parameters(&layer->dense.linear);
    case MINNOW_LAYER_POSITIONS:
        return table_parameters(&layer->positions.table);
    case MINNOW_LAYER_LSTM:
        return lstm_parameters(&layer->lstm);
    case MINNOW_LAYER_CONVOLUTION:
        return convolution_parameters(&layer->convolution);
    case MINNOW_LAYER_KERNEL_POOLING:
        return 4 * (uint64_t)layer->kernel_pooling.count + 1;
    case MINNOW_LAYER_MIX:
        return 1;
    case MINNOW_LAYER_NORM:
        return norm_parameters(&layer->norm);
    case MINNOW_LAYER_POOL:
    case MINNOW_LAYER_NORMALIZE:
    case MINNOW_LAYER_KEEP:
    case MINNOW_LAYER_COMPARE:
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
    case MINNOW_LAYER_LSTM:
        linear = &layer->lstm.directions[0].input;
        break;
    case MINNOW_LAYER_CONVOLUTION:
        linear = &layer->convolution.branches[0].linear;
        break;
    case MINNOW_LAYER_POSITIONS:
        *type = layer->positions.table.type;
        return layer->positions.table.data;
    case MINNOW_LAYER_KERNEL_POOLING:
        *type = MINNOW_WEIGHT_F32;
        return layer->kernel_pooling.mu;
    case MINNOW_LAYER_MIX:
        *type = MINNOW_WEIGHT_F32;
        return &layer->mix.alpha;
    case MINNOW_LAYER_NORM:
        *type = MINNOW_WEIGHT_F32;
        return layer->norm.gamma;
    case MINNOW_LAYER_POOL:
    case MINNOW_LAYER_NORMALIZE:
    case MINNOW_LAYER_KEEP:
    case MINNOW_LAYER_COMPARE:
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

static bool in_earlier_route(const struct minnow_contents *contents, uint32_t route, const void *weights) {
    for (uint32_t r = 0; r < route; r++)
        if (in_route(&contents->routes[r], weights)) return true;
    return false;
}

static uint64_t count_parameters(const struct minnow_contents *contents) {
    uint64_t sum = 0;
    for (uint32_t r = 0; r < contents->route_count; r++)
        for (uint32_t i = 0; i < contents->routes[r].layer_count; i++) {
            const struct minnow_layer *layer = &contents->routes[r].layers[i];
            enum minnow_weight_type type;
            const void *weights = layer_weights(layer, &type);
            if (weights && !in_earlier_route(contents, r, weights)) sum += layer_parameters(layer);
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
        info->prompts[role] = contents->inputs[role].prompt;
        info->max_tokens[role] = contents->inputs[role].max_tokens;
    }
}

void minnow_model_info(const struct minnow_model *model, struct minnow_model_info *info) {
    const struct minnow_contents *contents = &model->contents;
    const struct minnow_route *route = minnow_route_of(contents, MINNOW_DOCUMENT);
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
        .dimensions = route ? route->dimensions : 0,
        .token_vectors = contents->similarity == MINNOW_MAXSIM,
        .matryoshka = contents->matryoshka,
        .matryoshka_count = contents->matryoshka_count,
        .golden_count = contents->golden_count,
        .similarity = contents->similarity,
    };
    memcpy(info->space, contents->space, sizeof info->space);
    describe_roles(contents, info);
}
