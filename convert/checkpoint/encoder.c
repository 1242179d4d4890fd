#include "convert/checkpoint/encoder.h"

#include "convert/checkpoint/factors.h"
#include "convert/checkpoint/weights.h"

#include <stdio.h>

/* What published checkpoints put before every name: nothing, or the attribute that holds the encoder. */
static const char *const prefixes[] = {
    "",         "bert.",         "distilbert.", "bert_model.",     "encoder.", "model.",
    "0.model.", "0.auto_model.", "auto_model.", "question_model.", "module.",
};

const char *minnow_encoder_prefix(const struct minnow_tensor_source *source) {
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        char name[MINNOW_WEIGHT_NAME];
        snprintf(name, sizeof name, "%sembeddings.word_embeddings.weight", prefixes[i]);
        if (minnow_tensor_find(source, name)) return prefixes[i];
    }
    return "";
}

/* Checkpoints made from TensorFlow's call weight and bias gamma and beta. */
static enum minnow_status read_norm(const struct minnow_weights *weights, const char *name, uint32_t width,
                                    float epsilon, struct minnow_layer_norm *norm, struct minnow_error *error) {
    char weight[MINNOW_WEIGHT_NAME], bias[MINNOW_WEIGHT_NAME], full[MINNOW_WEIGHT_NAME];
    snprintf(full, sizeof full, "%s%s.gamma", weights->prefix, name);
    bool old = minnow_tensor_find(weights->source, full) != NULL;
    snprintf(weight, sizeof weight, "%s.%s", name, old ? "gamma" : "weight");
    snprintf(bias, sizeof bias, "%s.%s", name, old ? "beta" : "bias");
    *norm = (struct minnow_layer_norm){.width = width, .epsilon = epsilon};
    enum minnow_status status = minnow_weights_take(weights, weight, 0, width, &norm->gamma, error);
    return status ? status : minnow_weights_take(weights, bias, 0, width, &norm->beta, error);
}

static enum minnow_status read_table(const struct minnow_weights *weights, const char *name, uint32_t rows,
                                     uint32_t width, struct minnow_table *table, struct minnow_error *error) {
    const float *values = NULL;
    enum minnow_status status = minnow_weights_take(weights, name, rows, width, &values, error);
    *table = (struct minnow_table){.rows = rows, .width = width, .type = MINNOW_WEIGHT_F32, .data = values};
    return status;
}

static enum minnow_status read_embedding(const struct minnow_weights *weights,
                                         const struct minnow_encoder_config *config, struct minnow_embedding *embedding,
                                         struct minnow_error *error) {
    uint32_t hidden = config->hidden;
    enum minnow_status status =
        read_table(weights, "embeddings.word_embeddings.weight", config->vocabulary, hidden, &embedding->words, error);
    if (!status)
        status = read_table(weights, "embeddings.position_embeddings.weight", config->positions, hidden,
                            &embedding->positions, error);
    if (!status && config->types)
        status = read_table(weights, "embeddings.token_type_embeddings.weight", config->types, hidden,
                            &embedding->types, error);
    if (status) return status;
    return read_norm(weights, "embeddings.LayerNorm", hidden, config->epsilon, &embedding->norm, error);
}

/* The three projections as one matrix: found and checked first, then copied one below the other. */
static enum minnow_status fuse(const struct minnow_weights *weights, const char *const *names, const char *suffix,
                               uint32_t rows, uint32_t columns, const float **out, struct minnow_error *error) {
    const struct minnow_tensor *tensors[3] = {NULL};
    for (int i = 0; i < 3; i++) {
        char name[MINNOW_WEIGHT_NAME];
        snprintf(name, sizeof name, "%s.%s", names[i], suffix);
        enum minnow_status status = minnow_weights_find(weights, name, rows, columns, &tensors[i], error);
        if (status) return status;
    }
    const size_t count = minnow_tensor_count(tensors[0]);
    float *values = minnow_memory_take(weights->memory, 3 * count * sizeof *values);
    if (!values)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: %s: no memory for it", tensors[0]->file, tensors[0]->name);
    *out = values;
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < 3 && !status; i++) status = minnow_tensor_read(tensors[i], values + i * count, error);
    return status;
}

/* `width`: of all heads together. */
static enum minnow_status read_attention(const struct minnow_weights *weights,
                                         const struct minnow_encoder_names *family, uint32_t hidden, uint32_t width,
                                         struct minnow_encoder_block *block, struct minnow_error *error) {
    const float *values = NULL;
    struct minnow_linear *fused = &block->query_key_value;
    *fused = (struct minnow_linear){.inputs = hidden, .outputs = 3 * width, .type = MINNOW_WEIGHT_F32};
    enum minnow_status status = fuse(weights, family->projections, "weight", width, hidden, &values, error);
    fused->weight = values;
    if (!status) status = fuse(weights, family->projections, "bias", 0, width, &fused->bias, error);
    if (status) return status;
    return minnow_weights_linear(weights, family->attention_output, hidden, width, true, &block->attention_output,
                                 error);
}

static enum minnow_status read_block(const struct minnow_weights *weights, const struct minnow_encoder_config *config,
                                     uint32_t number, struct minnow_encoder_block *block, struct minnow_error *error) {
    const struct minnow_encoder_names *family = &minnow_encoder_names[config->family];
    uint32_t hidden = config->hidden, intermediate = config->intermediate;
    block->hidden = hidden;
    block->heads = config->heads - (config->pruned ? config->pruned[number] : 0);
    block->intermediate = intermediate;
    block->activation = config->activation;
    uint32_t width = hidden / config->heads * block->heads;
    enum minnow_status status = read_attention(weights, family, hidden, width, block, error);
    if (!status)
        status = read_norm(weights, family->attention_norm, hidden, config->epsilon, &block->attention_norm, error);
    if (!status) status = minnow_weights_linear(weights, family->up, intermediate, hidden, true, &block->ffn_up, error);
    if (!status)
        status = minnow_weights_linear(weights, family->down, hidden, intermediate, true, &block->ffn_down, error);
    if (status) return status;
    return read_norm(weights, family->output_norm, hidden, config->epsilon, &block->output_norm, error);
}

static enum minnow_status add_block(const struct minnow_reading *reading, const struct minnow_weights *weights,
                                    const struct minnow_encoder_config *config, uint32_t number,
                                    struct minnow_layer_list *list, struct minnow_error *error) {
    char block[MINNOW_WEIGHT_NAME / 2], prefix[MINNOW_WEIGHT_NAME];
    struct minnow_weights inner = *weights;
    struct minnow_layer *layer;
    snprintf(block, sizeof block, minnow_encoder_names[config->family].block, number);
    snprintf(prefix, sizeof prefix, "%s%s", weights->prefix, block);
    inner.prefix = prefix;
    enum minnow_status status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_ENCODER_BLOCK, &layer, error);
    return status ? status : read_block(&inner, config, number, &layer->encoder_block, error);
}

static enum minnow_status add_embedding(struct minnow_reading *reading, const char *subfolder,
                                        const struct minnow_weights *weights,
                                        const struct minnow_encoder_config *config, struct minnow_layer_list *list,
                                        struct minnow_error *error) {
    struct minnow_embedding embedding = {0};
    struct minnow_word_factors factors = {0};
    struct minnow_layer *layer;
    enum minnow_status status = read_embedding(weights, config, &embedding, error);
    if (!status) status = minnow_factors_read(reading, subfolder, &embedding.words, &factors, error);
    if (status) return status;
    if (factors.rank) return minnow_factors_add_layers(reading, &factors, &embedding, list, error);
    status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_EMBEDDING, &layer, error);
    if (!status) layer->embedding = embedding;
    return status;
}

/* A config.json that says fewer blocks than there are would otherwise pass in silence. */
static enum minnow_status check_no_more(const struct minnow_weights *weights,
                                        const struct minnow_encoder_config *config, struct minnow_error *error) {
    const struct minnow_encoder_names *family = &minnow_encoder_names[config->family];
    char block[MINNOW_WEIGHT_NAME / 2], name[MINNOW_WEIGHT_NAME];
    snprintf(block, sizeof block, family->block, config->layers);
    snprintf(name, sizeof name, "%s%s%s.weight", weights->prefix, block, family->projections[0]);
    if (!minnow_tensor_find(weights->source, name)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: found, expected %u blocks as %s says",
                       weights->source->file, name, config->layers, config->file);
}

enum minnow_status minnow_encoder_read(struct minnow_reading *reading, const char *subfolder,
                                       const struct minnow_tensor_source *source,
                                       const struct minnow_encoder_config *config, struct minnow_layer_list *list,
                                       struct minnow_error *error) {
    struct minnow_weights weights = {source, reading->memory, minnow_encoder_prefix(source)};
    enum minnow_status status = add_embedding(reading, subfolder, &weights, config, list, error);
    for (uint32_t i = 0; i < config->layers && !status; i++)
        status = add_block(reading, &weights, config, i, list, error);
    list->width = config->hidden;
    return status ? status : check_no_more(&weights, config, error);
}
