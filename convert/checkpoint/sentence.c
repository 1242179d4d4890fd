/* A folder of sentence-transformers: modules.json and what it lists. */
#include "convert/checkpoint/encoder.h"
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/modules.h"
#include "convert/checkpoint/sentence_settings.h"
#include "convert/checkpoint/weights.h"

struct sentence {
    struct minnow_reading *reading;
    struct minnow_modules modules;
    struct minnow_sentence_settings settings;
    struct minnow_encoder_config encoder;
    struct minnow_layer_list list;
};

/* ---- Layers ------------------------------------------------------------------------------- */

static enum minnow_status add_encoder(struct sentence *sentence, const char *subfolder, struct minnow_error *error) {
    struct minnow_tensor_source source;
    enum minnow_status status = minnow_reading_open_tensors(sentence->reading, subfolder, &source, error);
    if (status) return status;
    status = minnow_encoder_read(sentence->reading, &source, &sentence->encoder, &sentence->list, error);
    minnow_tensor_source_close(&source);
    return status;
}

static enum minnow_status add_pool(struct sentence *sentence, const char *subfolder, struct minnow_error *error) {
    const struct minnow_reading *reading = sentence->reading;
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(reading, &sentence->list, MINNOW_LAYER_POOL, &layer, error);
    if (status) return status;
    return minnow_pooling_read(reading->folder, subfolder, reading->options->pooling, sentence->list.width,
                               reading->memory, &layer->pool.pooling, error);
}

static enum minnow_status read_dense(const struct sentence *sentence, const char *subfolder,
                                     const struct minnow_dense_config *config, struct minnow_linear *linear,
                                     struct minnow_error *error) {
    struct minnow_tensor_source source;
    enum minnow_status status = minnow_reading_open_tensors(sentence->reading, subfolder, &source, error);
    if (status) return status;
    struct minnow_weights weights = {&source, sentence->reading->memory, ""};
    status = minnow_weights_linear(&weights, "linear", config->outputs, config->inputs, config->bias, linear, error);
    minnow_tensor_source_close(&source);
    return status;
}

static enum minnow_status add_dense(struct sentence *sentence, const char *subfolder, struct minnow_error *error) {
    const struct minnow_reading *reading = sentence->reading;
    struct minnow_dense_config config;
    struct minnow_layer *layer;
    enum minnow_status status = minnow_dense_config_read(reading->folder, subfolder, reading->memory, &config, error);
    if (status) return status;
    if (config.inputs != sentence->list.width)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: in_features is %u, expected %u, the width before it",
                           config.file, config.inputs, sentence->list.width);
    status = minnow_reading_add_layer(reading, &sentence->list, MINNOW_LAYER_DENSE, &layer, error);
    if (status) return status;
    layer->dense.activation = config.activation;
    sentence->list.width = config.outputs;
    return read_dense(sentence, subfolder, &config, &layer->dense.linear, error);
}

static enum minnow_status add_normalize(struct sentence *sentence, const char *subfolder, struct minnow_error *error) {
    const struct minnow_reading *reading = sentence->reading;
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(reading, &sentence->list, MINNOW_LAYER_NORMALIZE, &layer, error);
    return status ? status : minnow_normalize_check(reading->folder, subfolder, reading->memory, error);
}

static enum minnow_status add_module(struct sentence *sentence, const struct minnow_module *module,
                                     struct minnow_error *error) {
    switch (module->kind) {
    case MINNOW_MODULE_TRANSFORMER:
        return add_encoder(sentence, module->subfolder, error);
    case MINNOW_MODULE_POOLING:
        return add_pool(sentence, module->subfolder, error);
    case MINNOW_MODULE_DENSE:
        return add_dense(sentence, module->subfolder, error);
    case MINNOW_MODULE_NORMALIZE:
        return add_normalize(sentence, module->subfolder, error);
    case MINNOW_MODULE_DROPOUT:
        return MINNOW_OK;
    }
    return minnow_fail(error, MINNOW_UNSUPPORTED, "modules.json: a module of unknown kind");
}

static enum minnow_status add_layers(struct sentence *sentence, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < sentence->modules.count && !status; i++)
        status = add_module(sentence, &sentence->modules.modules[i], error);
    return status;
}

/* ---- The whole ---------------------------------------------------------------------------- */

static enum minnow_status read_configs(struct sentence *sentence, struct minnow_error *error) {
    const struct minnow_reading *reading = sentence->reading;
    enum minnow_status status = minnow_modules_read(reading->folder, reading->memory, &sentence->modules, error);
    if (status) return status;
    const char *subfolder = sentence->modules.modules[0].subfolder;
    status = minnow_encoder_config_read(reading->folder, subfolder, reading->memory, &sentence->encoder, error);
    if (status) return status;
    return minnow_sentence_settings_read(reading->folder, subfolder, reading->memory, &sentence->settings, error);
}

static enum minnow_status add_tokenizer(const struct sentence *sentence, uint32_t *index, struct minnow_error *error) {
    struct minnow_reading *reading = sentence->reading;
    enum minnow_status status =
        minnow_reading_add_tokenizer(reading, reading->folder, sentence->modules.modules[0].subfolder, index, error);
    if (status) return status;
    struct minnow_tokenizer *tokenizer = &reading->contents->tokenizers[*index];
    if (sentence->settings.lowercase) tokenizer->options |= MINNOW_TOKENIZER_LOWERCASE;
    return minnow_reading_check_vocabulary(tokenizer, sentence->encoder.vocabulary, sentence->encoder.file, error);
}

static enum minnow_status set_input(const struct sentence *sentence, enum minnow_role role, uint32_t tokenizer,
                                    struct minnow_error *error) {
    struct minnow_reading *reading = sentence->reading;
    const struct minnow_sentence_settings *settings = &sentence->settings;
    uint32_t length = 0;
    enum minnow_status status = minnow_reading_choose_length(
        reading, role, settings->max_tokens, sentence->encoder.positions, sentence->encoder.file, &length, error);
    if (status) return status;
    return minnow_reading_set_input(reading, role, tokenizer, settings->prompts[role], length, error);
}

/* One route and one tokenizer for both roles. */
static enum minnow_status add_route(const struct sentence *sentence, struct minnow_error *error) {
    uint32_t tokenizer = 0;
    enum minnow_status status = add_tokenizer(sentence, &tokenizer, error);
    if (!status) status = set_input(sentence, MINNOW_QUERY, tokenizer, error);
    if (!status) status = set_input(sentence, MINNOW_DOCUMENT, tokenizer, error);
    if (!status) status = minnow_reading_share_route(sentence->reading, &sentence->list, error);
    return status ? status : minnow_truncation_check(&sentence->settings, sentence->list.width, error);
}

bool minnow_sentence_recognizes(const struct minnow_reading *reading) {
    return minnow_reading_has_file(reading, "modules.json");
}

enum minnow_status minnow_sentence_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct sentence sentence = {.reading = reading};
    enum minnow_status status = read_configs(&sentence, error);
    reading->contents->similarity = sentence.settings.similarity;
    if (!status && reading->options->similarity)
        status = minnow_similarity_parse(reading->options->similarity, &reading->contents->similarity, error);
    if (!status) status = add_layers(&sentence, error);
    return status ? status : add_route(&sentence, error);
}
