/* CNN of sentence-transformers: convolutions of several widths over the tokens, side by side. Theirs have no
 * activation; a key that they do not know names the one that Minnow's own students have. */
#include "convert/checkpoint/chain.h"
#include "convert/checkpoint/weights.h"

#include <stdio.h>
#include <string.h>

struct cnn_config {
    const char *file;
    uint32_t inputs, outputs; /* outputs of each convolution */
    uint32_t taps[MINNOW_MAX_BRANCHES], count;
    enum minnow_activation activation;
};

/* ---- cnn_config.json ---------------------------------------------------------------------- */

static enum minnow_status read_taps(const struct minnow_json_file *file, struct cnn_config *config,
                                    struct minnow_error *error) {
    const cJSON *sizes = minnow_json_get(file->root, "kernel_sizes");
    int count = cJSON_IsArray(sizes) ? cJSON_GetArraySize(sizes) : 0;
    if (count < 1 || count > (int)MINNOW_MAX_BRANCHES)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: kernel_sizes is %s, expected an array of 1 to %u numbers",
                           file->name, minnow_json_found(sizes).text, MINNOW_MAX_BRANCHES);
    for (const cJSON *size = sizes->child; size; size = size->next) {
        uint64_t taps;
        if (!minnow_json_is_integer(size, &taps) || taps % 2 == 0 || taps > MINNOW_MAX_TAPS)
            return minnow_fail(error, MINNOW_UNSUPPORTED,
                               "%s: kernel_sizes[%u] is %s, expected an odd number up to %u: with an even one tokens "
                               "and rows would no longer agree",
                               file->name, config->count, minnow_json_found(size).text, MINNOW_MAX_TAPS);
        config->taps[config->count++] = (uint32_t)taps;
    }
    return MINNOW_OK;
}

static enum minnow_status check_strides(const struct minnow_json_file *file, struct minnow_error *error) {
    const cJSON *strides = minnow_json_get(file->root, "stride_sizes");
    for (const cJSON *stride = strides ? strides->child : NULL; stride; stride = stride->next) {
        uint64_t value;
        if (!minnow_json_is_integer(stride, &value) || value != 1)
            return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: stride_sizes has %s, expected 1 alone", file->name,
                               minnow_json_found(stride).text);
    }
    return MINNOW_OK;
}

static enum minnow_status read_activation(const struct minnow_json_file *file, enum minnow_activation *activation,
                                          struct minnow_error *error) {
    const char *found = "identity";
    enum minnow_status status = minnow_json_text(file, file->root, "activation", &found, error);
    if (status) return status;
    *activation = strcmp(found, "relu") ? MINNOW_IDENTITY : MINNOW_RELU;
    if (*activation == MINNOW_RELU || !strcmp(found, "identity")) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: activation is \"%.80s\", expected \"relu\" or \"identity\"",
                       file->name, found);
}

static enum minnow_status read_config(const struct minnow_json_file *file, struct cnn_config *config,
                                      struct minnow_error *error) {
    const char *inputs = minnow_json_get(file->root, "in_embedding_dimension") ? "in_embedding_dimension"
                                                                                : "in_word_embedding_dimension";
    *config = (struct cnn_config){.file = file->name};
    enum minnow_status status = minnow_json_require_u32(file, inputs, MINNOW_MAX_INPUTS, &config->inputs, error);
    if (!status)
        status = minnow_json_require_u32(file, "out_channels", MINNOW_MAX_WIDTH / MINNOW_MAX_BRANCHES,
                                         &config->outputs, error);
    if (!status) status = read_taps(file, config, error);
    if (!status) status = check_strides(file, error);
    return status ? status : read_activation(file, &config->activation, error);
}

/* ---- Weights ------------------------------------------------------------------------------ */

static enum minnow_status find_weight(const struct minnow_weights *weights, const char *name, const uint64_t shape[3],
                                      const struct minnow_tensor **tensor, struct minnow_error *error) {
    *tensor = minnow_tensor_find(weights->source, name);
    if (*tensor && (*tensor)->rank == 3 && !memcmp((*tensor)->shape, shape, 3 * sizeof *shape)) return MINNOW_OK;
    if (*tensor)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: shape is %s, expected %s", (*tensor)->file, name,
                           minnow_shape_text((*tensor)->shape, (*tensor)->rank).text, minnow_shape_text(shape, 3).text);
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: missing, expected a tensor of shape %s",
                       weights->source->file, name, minnow_shape_text(shape, 3).text);
}

/* [outputs][inputs][taps] as [outputs][taps][padded inputs]. */
static void transpose(const float *in, const uint64_t shape[3], size_t padded, float *out) {
    for (size_t o = 0; o < shape[0]; o++)
        for (size_t i = 0; i < shape[1]; i++)
            for (size_t k = 0; k < shape[2]; k++)
                out[(o * shape[2] + k) * padded + i] = in[(o * shape[1] + i) * shape[2] + k];
}

static enum minnow_status take_transposed(const struct minnow_weights *weights, const struct minnow_tensor *tensor,
                                          size_t padded, const void **out, struct minnow_error *error) {
    size_t outputs = (size_t)tensor->shape[0], taps = (size_t)tensor->shape[2];
    float *stored = minnow_memory_take(weights->memory, minnow_tensor_count(tensor) * sizeof *stored);
    float *values = minnow_memory_take(weights->memory, outputs * taps * padded * sizeof *values);
    if (!stored || !values)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: %s: no memory for it", tensor->file, tensor->name);
    enum minnow_status status = minnow_tensor_read(tensor, stored, error);
    if (!status) transpose(stored, tensor->shape, padded, values);
    *out = values;
    return status;
}

static enum minnow_status read_branch(const struct minnow_weights *weights, const struct cnn_config *config,
                                      uint32_t number, struct minnow_convolution_branch *branch,
                                      struct minnow_error *error) {
    const struct minnow_tensor *tensor = NULL;
    const uint64_t shape[3] = {config->outputs, config->inputs, config->taps[number]};
    size_t padded = MINNOW_PADDED(config->inputs), inputs = config->taps[number] * padded;
    char name[MINNOW_WEIGHT_NAME];
    if (inputs > MINNOW_MAX_INPUTS)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: kernel_sizes[%u]: its windows are %zu wide, limit is %u",
                           config->file, number, inputs, MINNOW_MAX_INPUTS);
    snprintf(name, sizeof name, "convs.%u.weight", number);
    enum minnow_status status = find_weight(weights, name, shape, &tensor, error);
    if (status) return status;
    branch->taps = config->taps[number];
    branch->linear = (struct minnow_linear){.inputs = (uint32_t)inputs, .outputs = config->outputs};
    status = take_transposed(weights, tensor, padded, &branch->linear.weight, error);
    snprintf(name, sizeof name, "convs.%u.bias", number);
    return status ? status : minnow_weights_take(weights, name, 0, config->outputs, &branch->linear.bias, error);
}

static enum minnow_status read_branches(struct minnow_chain *chain, const struct minnow_tensor_source *source,
                                        const struct cnn_config *config, struct minnow_error *error) {
    struct minnow_weights weights = {source, chain->reading->memory, ""};
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(chain->reading, &chain->list, MINNOW_LAYER_CONVOLUTION, &layer, error);
    if (status) return status;
    layer->convolution.width = config->inputs;
    layer->convolution.branch_count = config->count;
    layer->convolution.activation = config->activation;
    for (uint32_t i = 0; i < config->count && !status; i++)
        status = read_branch(&weights, config, i, &layer->convolution.branches[i], error);
    chain->list.width = config->count * config->outputs;
    return status;
}

static enum minnow_status read_weights(struct minnow_chain *chain, const char *subfolder,
                                       const struct cnn_config *config, struct minnow_error *error) {
    struct minnow_tensor_source source;
    if (config->inputs != chain->list.width)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: its inputs are %u wide, expected %u, the width before it",
                           config->file, config->inputs, chain->list.width);
    enum minnow_status status = minnow_reading_open_tensors(chain->reading, subfolder, &source, error);
    if (status) return status;
    status = read_branches(chain, &source, config, error);
    minnow_tensor_source_close(&source);
    return status;
}

enum minnow_status minnow_cnn_module_read(struct minnow_chain *chain, const char *subfolder,
                                          struct minnow_error *error) {
    const struct minnow_reading *reading = chain->reading;
    struct minnow_json_file file;
    struct cnn_config config;
    enum minnow_status status =
        minnow_module_config_open(reading->folder, subfolder, "cnn_config.json", reading->memory, &file, error);
    if (!status) status = read_config(&file, &config, error);
    if (!status) status = read_weights(chain, subfolder, &config, error);
    minnow_json_close(&file);
    return status;
}
