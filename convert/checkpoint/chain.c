#include "convert/checkpoint/chain.h"

#include "convert/checkpoint/encoder.h"
#include "convert/checkpoint/sentence_settings.h"
#include "convert/checkpoint/weights.h"

#include <string.h>

/* ---- Transformer -------------------------------------------------------------------------- */

static enum minnow_status add_tokenizer(struct minnow_chain *chain, const char *subfolder, bool lowercase,
                                        const struct minnow_encoder_config *config, struct minnow_error *error) {
    struct minnow_reading *reading = chain->reading;
    uint32_t *index = &chain->beginning.tokenizer;
    enum minnow_status status = minnow_reading_add_tokenizer(reading, reading->folder, subfolder, index, error);
    if (status) return status;
    struct minnow_tokenizer *tokenizer = &reading->contents->tokenizers[*index];
    if (lowercase) tokenizer->options |= MINNOW_TOKENIZER_LOWERCASE;
    return minnow_reading_check_vocabulary(tokenizer, config->vocabulary, config->file, error);
}

static enum minnow_status add_encoder(struct minnow_chain *chain, const char *subfolder,
                                      const struct minnow_encoder_config *config, struct minnow_error *error) {
    struct minnow_tensor_source source;
    enum minnow_status status = minnow_reading_open_tensors(chain->reading, subfolder, &source, error);
    if (status) return status;
    status = minnow_encoder_read(chain->reading, subfolder, &source, config, &chain->list, error);
    minnow_tensor_source_close(&source);
    return status;
}

static enum minnow_status read_transformer(struct minnow_chain *chain, const char *subfolder,
                                           struct minnow_error *error) {
    const struct minnow_reading *reading = chain->reading;
    struct minnow_sentence_settings settings;
    struct minnow_encoder_config config;
    enum minnow_status status =
        minnow_encoder_config_read(reading->folder, subfolder, reading->memory, &config, error);
    if (!status) status = minnow_sentence_settings_read(reading->folder, subfolder, reading->memory, &settings, error);
    if (!status) status = add_encoder(chain, subfolder, &config, error);
    if (status) return status;
    chain->beginning =
        (struct minnow_beginning){.told = settings.max_tokens, .positions = config.positions, .file = config.file};
    return add_tokenizer(chain, subfolder, settings.lowercase, &config, error);
}

/* ---- What follows it ---------------------------------------------------------------------- */

enum minnow_status minnow_chain_add_pool(struct minnow_chain *chain, enum minnow_pooling pooling,
                                         struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(chain->reading, &chain->list, MINNOW_LAYER_POOL, &layer, error);
    if (status) return status;
    layer->pool.pooling = pooling;
    chain->pooled = true;
    return MINNOW_OK;
}

static enum minnow_status read_pooling(struct minnow_chain *chain, const char *subfolder, struct minnow_error *error) {
    const struct minnow_reading *reading = chain->reading;
    enum minnow_pooling pooling = MINNOW_POOL_MEAN;
    enum minnow_status status = minnow_pooling_read(reading->folder, subfolder, reading->options->pooling,
                                                    chain->list.width, reading->memory, &pooling, error);
    return status ? status : minnow_chain_add_pool(chain, pooling, error);
}

static enum minnow_status read_linear(const struct minnow_chain *chain, const char *subfolder,
                                      const struct minnow_dense_config *config, struct minnow_linear *linear,
                                      struct minnow_error *error) {
    struct minnow_tensor_source source;
    enum minnow_status status = minnow_reading_open_tensors(chain->reading, subfolder, &source, error);
    if (status) return status;
    struct minnow_weights weights = {&source, chain->reading->memory, ""};
    status = minnow_weights_linear(&weights, "linear", config->outputs, config->inputs, config->bias, linear, error);
    minnow_tensor_source_close(&source);
    return status;
}

static enum minnow_status read_dense(struct minnow_chain *chain, const char *subfolder, struct minnow_error *error) {
    const struct minnow_reading *reading = chain->reading;
    struct minnow_dense_config config;
    struct minnow_layer *layer;
    enum minnow_status status = minnow_dense_config_read(reading->folder, subfolder, reading->memory, &config, error);
    if (status) return status;
    if (config.inputs != chain->list.width)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: in_features is %u, expected %u, the width before it",
                           config.file, config.inputs, chain->list.width);
    status = minnow_reading_add_layer(reading, &chain->list, MINNOW_LAYER_DENSE, &layer, error);
    if (status) return status;
    layer->dense.activation = config.activation;
    chain->list.width = config.outputs;
    return read_linear(chain, subfolder, &config, &layer->dense.linear, error);
}

static enum minnow_status read_normalize(struct minnow_chain *chain, const char *subfolder,
                                         struct minnow_error *error) {
    const struct minnow_reading *reading = chain->reading;
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(reading, &chain->list, MINNOW_LAYER_NORMALIZE, &layer, error);
    return status ? status : minnow_normalize_check(reading->folder, subfolder, reading->memory, error);
}

static enum minnow_status read_nothing(struct minnow_chain *chain, const char *subfolder, struct minnow_error *error) {
    (void)chain, (void)subfolder, (void)error;
    return MINNOW_OK;
}

/* ---- Any module --------------------------------------------------------------------------- */

/* Where in a chain a module may stand. */
enum place { BEGINS, ON_TOKENS, ON_ROWS };

static const struct {
    enum place place;
    enum minnow_status (*read)(struct minnow_chain *chain, const char *subfolder, struct minnow_error *error);
} readers[] = {
    [MINNOW_MODULE_TRANSFORMER] = {BEGINS, read_transformer},
    [MINNOW_MODULE_WORD_EMBEDDINGS] = {BEGINS, minnow_words_module_read},
    [MINNOW_MODULE_STATIC_EMBEDDING] = {BEGINS, minnow_static_module_read},
    [MINNOW_MODULE_LSTM] = {ON_TOKENS, minnow_lstm_module_read},
    [MINNOW_MODULE_CNN] = {ON_TOKENS, minnow_cnn_module_read},
    [MINNOW_MODULE_POOLING] = {ON_TOKENS, read_pooling},
    [MINNOW_MODULE_DENSE] = {ON_ROWS, read_dense},
    [MINNOW_MODULE_NORMALIZE] = {ON_ROWS, read_normalize},
    [MINNOW_MODULE_DROPOUT] = {ON_ROWS, read_nothing},
};

static enum minnow_status check_place(const struct minnow_chain *chain, const struct minnow_module *module,
                                      struct minnow_error *error) {
    static const char *const expected[] = {
        [BEGINS] = "Transformer, WordEmbeddings or StaticEmbedding",
        [ON_TOKENS] = "Pooling (or LSTM or CNN before it)",
        [ON_ROWS] = "Dense, Normalize or Dropout",
    };
    enum place place = !chain->link_count ? BEGINS : chain->pooled ? ON_ROWS : ON_TOKENS;
    if (readers[module->kind].place == place) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s is %s, expected %s", module->where,
                       minnow_module_name(module->kind), expected[place]);
}

/* The same module in the other chain, on rows of the same width. */
static const struct minnow_chain_link *find_shared(const struct minnow_chain *chain,
                                                   const struct minnow_module *module) {
    const struct minnow_chain *other = chain->other;
    for (uint32_t i = 0; other && i < other->link_count; i++) {
        const struct minnow_chain_link *link = &other->links[i];
        if (link->module.kind == module->kind && !strcmp(link->module.subfolder, module->subfolder) &&
            link->width_before == chain->list.width)
            return link;
    }
    return NULL;
}

/* The layers' tensors are then stored once. */
static enum minnow_status share(struct minnow_chain *chain, const struct minnow_chain_link *link,
                                struct minnow_error *error) {
    for (uint32_t i = 0; i < link->layer_count; i++) {
        const struct minnow_layer *from = &chain->other->list.layers[link->first_layer + i];
        struct minnow_layer *layer;
        enum minnow_status status =
            minnow_reading_add_layer(chain->reading, &chain->list, from->kind, &layer, error);
        if (status) return status;
        *layer = *from;
    }
    if (!chain->link_count) chain->beginning = chain->other->beginning;
    chain->list.width = link->width;
    chain->pooled = link->pooled;
    return MINNOW_OK;
}

static enum minnow_status add_module(struct minnow_chain *chain, const struct minnow_module *module,
                                     struct minnow_error *error) {
    enum minnow_status status = check_place(chain, module, error);
    if (status) return status;
    const struct minnow_chain_link *shared = find_shared(chain, module);
    struct minnow_chain_link link = {
        .module = *module, .first_layer = chain->list.count, .width_before = chain->list.width};
    status = shared ? share(chain, shared, error) : readers[module->kind].read(chain, module->subfolder, error);
    link.layer_count = chain->list.count - link.first_layer;
    link.width = chain->list.width;
    link.pooled = chain->pooled;
    chain->links[chain->link_count++] = link;
    return status;
}

enum minnow_status minnow_chain_read(struct minnow_chain *chain, const struct minnow_modules *modules,
                                     struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    chain->links = minnow_memory_take(chain->reading->memory, modules->count * sizeof *chain->links);
    if (!chain->links) return minnow_reading_no_memory(chain->reading, error);
    for (uint32_t i = 0; i < modules->count && !status; i++) status = add_module(chain, &modules->modules[i], error);
    if (status || chain->pooled) return status;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "modules.json: lists %u modules, expected one that begins (Transformer, WordEmbeddings or "
                       "StaticEmbedding) and, behind it, Pooling",
                       modules->count);
}

/* ---- What begins it ----------------------------------------------------------------------- */

enum minnow_status minnow_chain_add_words(struct minnow_chain *chain, const float *rows, uint32_t count, uint32_t width,
                                          struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(chain->reading, &chain->list, MINNOW_LAYER_EMBEDDING, &layer, error);
    if (status) return status;
    layer->embedding.words =
        (struct minnow_table){.rows = count, .width = width, .type = MINNOW_WEIGHT_F32, .data = rows};
    chain->list.width = width;
    return MINNOW_OK;
}

enum minnow_status minnow_chain_choose_length(const struct minnow_chain *chain, enum minnow_role role, uint32_t *length,
                                              struct minnow_error *error) {
    const struct minnow_beginning *beginning = &chain->beginning;
    uint32_t told = beginning->told;
    bool unlimited = beginning->positions == UINT32_MAX && (!told || told > MINNOW_MAX_TOKENS);
    return minnow_reading_choose_length(chain->reading, role, unlimited ? MINNOW_UNLIMITED_TOKENS : told,
                                        beginning->positions, beginning->file, length, error);
}
