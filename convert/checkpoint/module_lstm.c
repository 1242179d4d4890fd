/* LSTM of sentence-transformers: several layers of torch.nn.LSTM, perhaps in both directions. */
#include "convert/checkpoint/chain.h"
#include "convert/checkpoint/weights.h"

#include <stdio.h>

struct lstm_config {
    const char *file;
    uint32_t inputs, hidden, layers;
    bool bidirectional;
};

static enum minnow_status read_config(const struct minnow_json_file *file, struct lstm_config *config,
                                      struct minnow_error *error) {
    const char *inputs =
        minnow_json_get(file->root, "embedding_dimension") ? "embedding_dimension" : "word_embedding_dimension";
    *config = (struct lstm_config){.file = file->name, .layers = 1, .bidirectional = true};
    enum minnow_status status = minnow_json_require_u32(file, inputs, MINNOW_MAX_INPUTS, &config->inputs, error);
    if (!status)
        status = minnow_json_require_u32(file, "hidden_dim", MINNOW_MAX_WIDTH / 4, &config->hidden, error);
    if (!status) status = minnow_json_u32(file, file->root, "num_layers", 1, 64, &config->layers, error);
    return status ? status : minnow_json_bool(file, file->root, "bidirectional", &config->bidirectional, error);
}

/* PyTorch adds two biases, of which one is enough. */
static enum minnow_status add_biases(const struct minnow_weights *weights, const char *suffix, uint32_t gates,
                                     const float **sum, struct minnow_error *error) {
    char name[MINNOW_WEIGHT_NAME];
    const float *input = NULL, *recurrent = NULL;
    snprintf(name, sizeof name, "bias_ih%s", suffix);
    enum minnow_status status = minnow_weights_take(weights, name, 0, gates, &input, error);
    snprintf(name, sizeof name, "bias_hh%s", suffix);
    if (!status) status = minnow_weights_take(weights, name, 0, gates, &recurrent, error);
    if (status) return status;
    float *values = minnow_memory_take(weights->memory, gates * sizeof *values);
    if (!values) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for it", name);
    for (uint32_t i = 0; i < gates; i++) values[i] = input[i] + recurrent[i];
    *sum = values;
    return MINNOW_OK;
}

/* suffix: "_l0", "_l0_reverse". */
static enum minnow_status read_direction(const struct minnow_weights *weights, const char *suffix, uint32_t inputs,
                                         uint32_t hidden, struct minnow_lstm_direction *direction,
                                         struct minnow_error *error) {
    char name[MINNOW_WEIGHT_NAME];
    const float *input = NULL, *recurrent = NULL;
    uint32_t gates = 4 * hidden;
    snprintf(name, sizeof name, "weight_ih%s", suffix);
    enum minnow_status status = minnow_weights_take(weights, name, gates, inputs, &input, error);
    snprintf(name, sizeof name, "weight_hh%s", suffix);
    if (!status) status = minnow_weights_take(weights, name, gates, hidden, &recurrent, error);
    direction->input = (struct minnow_linear){.inputs = inputs, .outputs = gates, .weight = input};
    direction->recurrent = (struct minnow_linear){.inputs = hidden, .outputs = gates, .weight = recurrent};
    return status ? status : add_biases(weights, suffix, gates, &direction->input.bias, error);
}

static enum minnow_status read_layer(struct minnow_chain *chain, const struct minnow_weights *weights,
                                     const struct lstm_config *config, uint32_t number, struct minnow_error *error) {
    static const char *const ways[] = {"", "_reverse"};
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(chain->reading, &chain->list, MINNOW_LAYER_LSTM, &layer, error);
    if (status) return status;
    struct minnow_lstm *lstm = &layer->lstm;
    lstm->hidden = config->hidden;
    lstm->direction_count = config->bidirectional ? 2 : 1;
    for (uint32_t i = 0; i < lstm->direction_count && !status; i++) {
        char suffix[32];
        snprintf(suffix, sizeof suffix, "_l%u%s", number, ways[i]);
        status = read_direction(weights, suffix, chain->list.width, config->hidden, &lstm->directions[i], error);
    }
    chain->list.width = lstm->direction_count * config->hidden;
    return status;
}

static enum minnow_status read_layers(struct minnow_chain *chain, const struct minnow_tensor_source *source,
                                      const struct lstm_config *config, struct minnow_error *error) {
    struct minnow_weights weights = {source, chain->reading->memory, "encoder."};
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < config->layers && !status; i++) status = read_layer(chain, &weights, config, i, error);
    return status;
}

static enum minnow_status read_weights(struct minnow_chain *chain, const char *subfolder,
                                       const struct lstm_config *config, struct minnow_error *error) {
    struct minnow_tensor_source source;
    if (config->inputs != chain->list.width)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: its inputs are %u wide, expected %u, the width before it",
                           config->file, config->inputs, chain->list.width);
    enum minnow_status status = minnow_reading_open_tensors(chain->reading, subfolder, &source, error);
    if (status) return status;
    status = read_layers(chain, &source, config, error);
    minnow_tensor_source_close(&source);
    return status;
}

enum minnow_status minnow_lstm_module_read(struct minnow_chain *chain, const char *subfolder,
                                           struct minnow_error *error) {
    const struct minnow_reading *reading = chain->reading;
    struct minnow_json_file file;
    struct lstm_config config;
    enum minnow_status status =
        minnow_module_config_open(reading->folder, subfolder, "lstm_config.json", reading->memory, &file, error);
    if (!status) status = read_config(&file, &config, error);
    if (!status) status = read_weights(chain, subfolder, &config, error);
    minnow_json_close(&file);
    return status;
}
