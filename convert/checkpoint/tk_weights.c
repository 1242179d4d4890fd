#include "convert/checkpoint/tk_weights.h"

#include "convert/checkpoint/weights.h"

#include <stdio.h>
#include <string.h>

#define EPSILON 1e-5f /* of torch.nn.TransformerEncoderLayer */

/* ---- Tensors ------------------------------------------------------------------------------ */

/* One of any rank, of which *count values are taken; `expected` of them, unless that is 0. */
static enum minnow_status take_values(const struct minnow_weights *weights, const char *name, uint64_t expected,
                                      uint64_t *count, const float **out, struct minnow_error *error) {
    char full[MINNOW_WEIGHT_NAME];
    snprintf(full, sizeof full, "%s%s", weights->prefix, name);
    const struct minnow_tensor *tensor = minnow_tensor_find(weights->source, full);
    if (!tensor)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: missing, expected a tensor", weights->source->file,
                           full);
    *count = minnow_tensor_count(tensor);
    if (*count == 0 || (expected && *count != expected))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: shape is %s, expected %llu values", tensor->file,
                           full, minnow_shape_text(tensor->shape, tensor->rank).text, (unsigned long long)expected);
    float *values = minnow_memory_take(weights->memory, *count * sizeof *values);
    *out = values;
    if (!values) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: %s: no memory for it", tensor->file, full);
    return minnow_tensor_read(tensor, values, error);
}

static enum minnow_status read_norm(const struct minnow_weights *weights, const char *name, uint32_t width,
                                    struct minnow_layer_norm *norm, struct minnow_error *error) {
    char full[MINNOW_WEIGHT_NAME];
    *norm = (struct minnow_layer_norm){.width = width, .epsilon = EPSILON};
    snprintf(full, sizeof full, "%s.weight", name);
    enum minnow_status status = minnow_weights_take(weights, full, 0, width, &norm->gamma, error);
    snprintf(full, sizeof full, "%s.bias", name);
    return status ? status : minnow_weights_take(weights, full, 0, width, &norm->beta, error);
}

/* ---- Blocks ------------------------------------------------------------------------------- */

static enum minnow_status read_attention(const struct minnow_weights *weights, uint32_t width,
                                         struct minnow_encoder_block *block, struct minnow_error *error) {
    struct minnow_linear *joined = &block->query_key_value;
    const float *values = NULL;
    *joined = (struct minnow_linear){.inputs = width, .outputs = 3 * width};
    enum minnow_status status =
        minnow_weights_take(weights, "self_attn.in_proj_weight", 3 * width, width, &values, error);
    joined->weight = values;
    if (!status) status = minnow_weights_take(weights, "self_attn.in_proj_bias", 0, 3 * width, &joined->bias, error);
    if (!status)
        status = minnow_weights_linear(weights, "self_attn.out_proj", width, width, true, &block->attention_output,
                                       error);
    return status ? status : read_norm(weights, "norm1", width, &block->attention_norm, error);
}

static enum minnow_status read_block(const struct minnow_weights *weights, uint32_t width, uint32_t heads,
                                     struct minnow_encoder_block *block, struct minnow_error *error) {
    *block = (struct minnow_encoder_block){.hidden = width, .heads = heads, .activation = MINNOW_RELU};
    enum minnow_status status = read_attention(weights, width, block, error);
    if (!status) status = minnow_weights_linear_as_found(weights, "linear1", width, &block->ffn_up, error);
    block->intermediate = block->ffn_up.outputs;
    if (!status)
        status = minnow_weights_take(weights, "linear1.bias", 0, block->intermediate, &block->ffn_up.bias, error);
    if (!status)
        status = minnow_weights_linear(weights, "linear2", width, block->intermediate, true, &block->ffn_down, error);
    return status ? status : read_norm(weights, "norm2", width, &block->output_norm, error);
}

static void block_prefix(const struct minnow_weights *weights, uint32_t number, char prefix[MINNOW_WEIGHT_NAME]) {
    snprintf(prefix, MINNOW_WEIGHT_NAME, "%scontextualizer.layers.%u.", weights->prefix, number);
}

static enum minnow_status check_no_more(const struct minnow_weights *weights, uint32_t blocks,
                                        struct minnow_error *error) {
    char prefix[MINNOW_WEIGHT_NAME], name[MINNOW_WEIGHT_NAME + 32];
    block_prefix(weights, blocks, prefix);
    snprintf(name, sizeof name, "%slinear1.weight", prefix);
    if (!minnow_tensor_find(weights->source, name)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: found, expected %u blocks as config.yaml says",
                       weights->source->file, name, blocks);
}

static enum minnow_status read_blocks(const struct minnow_weights *weights, const struct minnow_tk_shape *shape,
                                      struct minnow_tk_parts *parts, struct minnow_error *error) {
    uint32_t width = parts->words.width;
    enum minnow_status status = check_no_more(weights, shape->blocks, error);
    if (!status && width % shape->heads)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "config.yaml: tk_att_heads is %u, expected a divisor of the word vectors' width, %u",
                           shape->heads, width);
    parts->blocks = minnow_memory_take(weights->memory, shape->blocks * sizeof *parts->blocks);
    if (!parts->blocks) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "config.yaml: no memory for its blocks");
    for (; parts->block_count < shape->blocks && !status; parts->block_count++) {
        char prefix[MINNOW_WEIGHT_NAME];
        block_prefix(weights, parts->block_count, prefix);
        struct minnow_weights inner = {weights->source, weights->memory, prefix};
        status = read_block(&inner, width, shape->heads, &parts->blocks[parts->block_count], error);
    }
    return status;
}

/* ---- The rest ----------------------------------------------------------------------------- */

static enum minnow_status read_positions(const struct minnow_weights *weights, const char *name, uint32_t width,
                                         struct minnow_table *table, struct minnow_error *error) {
    uint64_t count = 0;
    const float *values = NULL;
    enum minnow_status status = take_values(weights, name, 0, &count, &values, error);
    if (status) return status;
    if (count % width || count / width > UINT32_MAX)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s%s: has %llu values, expected rows of %u",
                           weights->source->file, weights->prefix, name, (unsigned long long)count, width);
    *table = (struct minnow_table){.rows = (uint32_t)(count / width), .width = width, .data = values};
    return MINNOW_OK;
}

/* exp(-(x - mu)^2 / (2 sigma^2)) */
static enum minnow_status make_factors(const struct minnow_weights *weights, const float *sigma, uint32_t count,
                                       const float **out, struct minnow_error *error) {
    float *factors = minnow_memory_take(weights->memory, count * sizeof *factors);
    *out = factors;
    if (!factors) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for it", weights->source->file);
    for (uint32_t i = 0; i < count; i++) factors[i] = -1 / (2 * sigma[i] * sigma[i]);
    return MINNOW_OK;
}

static enum minnow_status read_kernels(const struct minnow_weights *weights, struct minnow_kernel_pooling *kernels,
                                       struct minnow_error *error) {
    uint64_t count = 0;
    const float *sigma = NULL;
    enum minnow_status status = take_values(weights, "mu", 0, &count, &kernels->mu, error);
    if (!status && count > MINNOW_MAX_KERNELS)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %smu: %llu kernels, expected 1 to %u",
                           weights->source->file, weights->prefix, (unsigned long long)count, MINNOW_MAX_KERNELS);
    kernels->count = (uint32_t)count;
    if (!status) status = take_values(weights, "sigma", count, &count, &sigma, error);
    if (!status) status = make_factors(weights, sigma, kernels->count, &kernels->factor, error);
    if (!status) status = take_values(weights, "kernel_alpha_scaler", count, &count, &kernels->alpha, error);
    return status ? status : take_values(weights, "kernel_bin_weights.weight", count, &count, &kernels->weight, error);
}

/* What the first version has beside, and TK_Native too. */
static enum minnow_status check_variant(const struct minnow_weights *weights, struct minnow_error *error) {
    static const char *const names[] = {"dense_comb.weight", "dense_mean.weight", "nn_scaler"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char full[MINNOW_WEIGHT_NAME];
        snprintf(full, sizeof full, "%s%s", weights->prefix, names[i]);
        if (minnow_tensor_find(weights->source, full))
            return minnow_fail(error, MINNOW_UNSUPPORTED,
                               "%s: %s: found: TK's first version, with a second sum by the document's length, is not "
                               "supported; expected kernel_bin_weights alone",
                               weights->source->file, full);
    }
    return MINNOW_OK;
}

static enum minnow_status read_model(const struct minnow_weights *weights, const struct minnow_tk_shape *shape,
                                     struct minnow_tk_parts *parts, struct minnow_error *error) {
    uint32_t width = parts->words.width;
    uint64_t one = 1;
    const float *share = NULL;
    enum minnow_status status = check_variant(weights, error);
    if (!status) status = read_blocks(weights, shape, parts, error);
    if (!status)
        status = read_positions(weights, "positional_features_q", width, &parts->positions[MINNOW_QUERY], error);
    if (!status)
        status = read_positions(weights, "positional_features_d", width, &parts->positions[MINNOW_DOCUMENT], error);
    if (!status && shape->mixes) status = take_values(weights, "mixer", 1, &one, &share, error);
    if (!status && shape->mixes) parts->share = *share;
    return status ? status : read_kernels(weights, &parts->kernels, error);
}

static enum minnow_status read_words(const struct minnow_weights *weights, struct minnow_table *words,
                                     struct minnow_error *error) {
    const float *rows = NULL;
    enum minnow_status status =
        minnow_weights_take_table(weights, "weight", &rows, &words->rows, &words->width, error);
    words->data = rows;
    if (status || words->width <= MINNOW_MAX_WIDTH / 3) return status;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %sweight: rows of %u, limit is %u", weights->source->file,
                       weights->prefix, words->width, MINNOW_MAX_WIDTH / 3);
}

enum minnow_status minnow_tk_read(struct minnow_reading *reading, const struct minnow_tk_shape *shape,
                                  struct minnow_tk_parts *parts, struct minnow_error *error) {
    struct minnow_tensor_source source;
    enum minnow_status status = minnow_reading_open_tensors(reading, "", &source, error);
    if (status) return status;
    struct minnow_weights words = {&source, reading->memory, "word_embeddings.token_embedder_tokens."};
    struct minnow_weights model = {&source, reading->memory, "neural_ir_model."};
    status = read_words(&words, &parts->words, error);
    if (!status) status = read_model(&model, shape, parts, error);
    minnow_tensor_source_close(&source);
    return status;
}

/* ---- Layers ------------------------------------------------------------------------------- */

static enum minnow_status add_positions(const struct minnow_reading *reading, const struct minnow_tk_parts *parts,
                                        const uint32_t lengths[2], struct minnow_layer_list *list,
                                        struct minnow_error *error) {
    uint32_t width = parts->words.width, query = lengths[MINNOW_QUERY], document = lengths[MINNOW_DOCUMENT];
    uint32_t rows = query + (query > document ? query : document);
    struct minnow_layer *layer;
    enum minnow_status status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_POSITIONS, &layer, error);
    if (status) return status;
    float *values = minnow_memory_take(reading->memory, (size_t)rows * width * sizeof *values);
    if (!values) return minnow_reading_no_memory(reading, error);
    memcpy(values, parts->positions[MINNOW_QUERY].data, (size_t)query * width * sizeof *values);
    memcpy(values + (size_t)query * width, parts->positions[MINNOW_DOCUMENT].data,
           (size_t)document * width * sizeof *values);
    layer->positions.table = (struct minnow_table){.rows = rows, .width = width, .data = values};
    return MINNOW_OK;
}

static enum minnow_status add_blocks(const struct minnow_reading *reading, const struct minnow_tk_parts *parts,
                                     struct minnow_layer_list *list, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < parts->block_count && !status; i++) {
        struct minnow_layer *layer;
        status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_ENCODER_BLOCK, &layer, error);
        if (!status) layer->encoder_block = parts->blocks[i];
    }
    return status;
}

enum minnow_status minnow_tk_add_layers(const struct minnow_reading *reading, const struct minnow_tk_shape *shape,
                                        const struct minnow_tk_parts *parts, const uint32_t lengths[2],
                                        struct minnow_layer_list *list, struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_EMBEDDING, &layer, error);
    if (status) return status;
    layer->embedding.words = parts->words;
    list->width = parts->words.width;
    if (shape->mixes) status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_KEEP, &layer, error);
    if (!status) status = add_positions(reading, parts, lengths, list, error);
    if (!status) status = add_blocks(reading, parts, list, error);
    if (!status && shape->mixes) {
        status = minnow_reading_add_layer(reading, list, MINNOW_LAYER_MIX, &layer, error);
        if (!status) layer->mix.alpha = parts->share;
    }
    return status ? status : minnow_reading_add_layer(reading, list, MINNOW_LAYER_NORMALIZE, &layer, error);
}
