#include "convert/checkpoint/checkpoint.h"

#include "convert/checkpoint/encoder.h"
#include "convert/checkpoint/fingerprint.h"
#include "convert/checkpoint/modules.h"
#include "convert/checkpoint/readme.h"
#include "convert/checkpoint/sentence_settings.h"
#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/tokenizer_files.h"
#include "convert/checkpoint/weights.h"
#include "runtime/tokenizer/utf8.h"

#include <stdlib.h>
#include <string.h>

/* What is known while a folder is read. */
struct reading {
    const char *folder;
    const struct minnow_checkpoint_options *options;
    struct minnow_memory *memory;
    struct minnow_modules modules;
    struct minnow_sentence_settings settings;
    struct minnow_encoder_config encoder;
    struct minnow_layer *layers;
    uint32_t layer_count;
    uint32_t width; /* of what comes out of the last layer */
    const char *prompts[2];
    SHA2_CTX weights;
};

static enum minnow_status no_memory(const char *folder, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%.200s: no memory to read it", folder);
}

/* ---- Layers ------------------------------------------------------------------------------- */

static enum minnow_status add_encoder(struct reading *reading, const char *subfolder, struct minnow_error *error) {
    struct minnow_tensor_source source;
    enum minnow_status status = minnow_tensor_source_open(reading->folder, subfolder, &source, error);
    if (status) return status;
    minnow_fingerprint_add_source(&reading->weights, &source);
    status = minnow_encoder_read(&source, &reading->encoder, reading->memory, reading->layers, error);
    minnow_tensor_source_close(&source);
    reading->layer_count = 1 + reading->encoder.layers;
    reading->width = reading->encoder.hidden;
    return status;
}

static enum minnow_status add_pool(struct reading *reading, const char *subfolder, struct minnow_error *error) {
    struct minnow_layer *layer = &reading->layers[reading->layer_count++];
    layer->kind = MINNOW_LAYER_POOL;
    return minnow_pooling_read(reading->folder, reading->modules.listed ? subfolder : NULL, reading->options->pooling,
                               reading->width, reading->memory, &layer->pool.pooling, error);
}

static enum minnow_status read_dense(struct reading *reading, const char *subfolder,
                                     const struct minnow_dense_config *config, struct minnow_linear *linear,
                                     struct minnow_error *error) {
    struct minnow_tensor_source source;
    enum minnow_status status = minnow_tensor_source_open(reading->folder, subfolder, &source, error);
    if (status) return status;
    minnow_fingerprint_add_source(&reading->weights, &source);
    struct minnow_weights weights = {&source, reading->memory, ""};
    status = minnow_weights_linear(&weights, "linear", config->outputs, config->inputs, config->bias, linear, error);
    minnow_tensor_source_close(&source);
    return status;
}

static enum minnow_status add_dense(struct reading *reading, const char *subfolder, struct minnow_error *error) {
    struct minnow_dense_config config;
    enum minnow_status status = minnow_dense_config_read(reading->folder, subfolder, reading->memory, &config, error);
    if (status) return status;
    if (config.inputs != reading->width)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: in_features is %u, expected %u, the width before it",
                           config.file, config.inputs, reading->width);
    struct minnow_layer *layer = &reading->layers[reading->layer_count++];
    layer->kind = MINNOW_LAYER_DENSE;
    layer->dense.activation = config.activation;
    reading->width = config.outputs;
    return read_dense(reading, subfolder, &config, &layer->dense.linear, error);
}

static enum minnow_status add_normalize(struct reading *reading, const char *subfolder, struct minnow_error *error) {
    reading->layers[reading->layer_count++].kind = MINNOW_LAYER_NORMALIZE;
    return minnow_normalize_check(reading->folder, subfolder, reading->memory, error);
}

static enum minnow_status add_module(struct reading *reading, const struct minnow_module *module,
                                     struct minnow_error *error) {
    switch (module->kind) {
    case MINNOW_MODULE_TRANSFORMER:
        return add_encoder(reading, module->subfolder, error);
    case MINNOW_MODULE_POOLING:
        return add_pool(reading, module->subfolder, error);
    case MINNOW_MODULE_DENSE:
        return add_dense(reading, module->subfolder, error);
    case MINNOW_MODULE_NORMALIZE:
        return add_normalize(reading, module->subfolder, error);
    case MINNOW_MODULE_DROPOUT:
        return MINNOW_OK;
    }
    return minnow_fail(error, MINNOW_UNSUPPORTED, "modules.json: a module of unknown kind");
}

static enum minnow_status add_layers(struct reading *reading, struct minnow_error *error) {
    size_t room = (size_t)reading->modules.count + 1 + reading->encoder.layers;
    reading->layers = minnow_memory_take(reading->memory, room * sizeof *reading->layers);
    if (!reading->layers) return no_memory(reading->folder, error);
    SHA256Init(&reading->weights);
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < reading->modules.count && !status; i++)
        status = add_module(reading, &reading->modules.modules[i], error);
    return status;
}

/* ---- The route ---------------------------------------------------------------------------- */

static enum minnow_status choose_max_tokens(const struct reading *reading, uint32_t *max_tokens,
                                            struct minnow_error *error) {
    uint32_t most = reading->encoder.positions < MINNOW_MAX_TOKENS ? reading->encoder.positions : MINNOW_MAX_TOKENS;
    uint32_t asked = reading->options->max_tokens, told = reading->settings.max_tokens;
    if (asked && (asked < 3 || asked > most))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "max tokens is %u, expected 3 to %u, the positions of %s",
                           asked, most, reading->encoder.file);
    *max_tokens = asked ? asked : told && told < most ? told : most;
    return MINNOW_OK;
}

/* Both roles: [CLS] text [SEP]. */
static void add_inputs(const struct reading *reading, struct minnow_contents *contents) {
    const struct minnow_tokenizer *tokenizer = &contents->tokenizers[0];
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++)
        contents->inputs[role] = (struct minnow_input){.prompt = reading->prompts[role],
                                                       .max_tokens = contents->routes->max_tokens,
                                                       .leading = {tokenizer->cls_id},
                                                       .leading_count = 1,
                                                       .trailing = tokenizer->sep_id};
}

static enum minnow_status add_route(const struct reading *reading, struct minnow_contents *contents,
                                    struct minnow_error *error) {
    struct minnow_route *route = minnow_memory_take(reading->memory, sizeof *route);
    if (!route) return no_memory(reading->folder, error);
    *route = (struct minnow_route){
        .layers = reading->layers, .layer_count = reading->layer_count, .dimensions = reading->width};
    contents->routes = route;
    contents->route_count = 1;
    contents->joint_route = MINNOW_NO_ROUTE;
    enum minnow_status status = choose_max_tokens(reading, &route->max_tokens, error);
    if (status) return status;
    add_inputs(reading, contents);
    uint32_t cut = reading->settings.truncate_dimensions;
    if (!cut || cut >= reading->width) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "config_sentence_transformers.json: truncate_dim is %u, expected null or at least %u: cut "
                       "vectors are not supported",
                       cut, reading->width);
}

static enum minnow_status add_tokenizer(const struct reading *reading, struct minnow_contents *contents,
                                        struct minnow_error *error) {
    char path[MINNOW_PATH_BYTES];
    enum minnow_status status = minnow_join_path(reading->folder, reading->modules.modules[0].subfolder, path, error);
    if (!status) status = minnow_tokenizer_read(path, reading->memory, &contents->tokenizers[0], error);
    if (status) return status;
    contents->tokenizer_count = 1;
    if (reading->settings.lowercase) contents->tokenizers[0].options |= MINNOW_TOKENIZER_LOWERCASE;
    if (contents->tokenizers[0].vocabulary <= reading->encoder.vocabulary) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: vocab_size is %u, expected at least %u, the tokenizer's",
                       reading->encoder.file, reading->encoder.vocabulary, contents->tokenizers[0].vocabulary);
}

/* The space counts the whole position table, so that the limit chosen now does not change it. */
static void add_space(const struct reading *reading, struct minnow_contents *contents) {
    const struct minnow_route *route = contents->routes;
    minnow_fingerprint_space(route, &contents->tokenizers[0], contents->space);
    reading->layers[0].embedding.positions.rows = route->max_tokens;
}

/* ---- Names -------------------------------------------------------------------------------- */

/* The last component of the folder's path, if it is text. */
static const char *folder_name(struct minnow_memory *memory, const char *folder) {
    size_t end = strlen(folder);
    while (end && folder[end - 1] == '/') end--;
    size_t begin = end;
    while (begin && folder[begin - 1] != '/') begin--;
    bool valid = minnow_utf8_valid_prefix(folder + begin, end - begin) == end - begin;
    return minnow_memory_copy_text(memory, folder + begin, valid ? end - begin : 0);
}

static enum minnow_status add_names(struct reading *reading, struct minnow_contents *contents,
                                    struct minnow_error *error) {
    struct minnow_readme readme;
    enum minnow_status status = minnow_readme_read(reading->folder, reading->memory, &readme, error);
    if (status) return status;
    char *hex = minnow_memory_take(reading->memory, MINNOW_HEX_BYTES);
    contents->source = folder_name(reading->memory, reading->folder);
    if (!hex || !contents->source) return no_memory(reading->folder, error);
    minnow_fingerprint_hex(&reading->weights, hex);
    contents->source_sha256 = hex;
    contents->license = readme.license;
    contents->name = *readme.name ? readme.name : contents->source;
    return MINNOW_OK;
}

static enum minnow_status choose_prompt(const struct reading *reading, const char *asked, const char *told,
                                        const char **prompt, struct minnow_error *error) {
    *prompt = asked ? minnow_memory_copy_text(reading->memory, asked, strlen(asked)) : told;
    return *prompt ? MINNOW_OK : no_memory(reading->folder, error);
}

static enum minnow_status add_prompts(struct reading *reading, struct minnow_contents *contents,
                                      struct minnow_error *error) {
    const struct minnow_sentence_settings *settings = &reading->settings;
    const struct minnow_checkpoint_options *options = reading->options;
    contents->similarity = settings->similarity;
    enum minnow_status status = choose_prompt(reading, options->query_prompt, settings->prompts[MINNOW_QUERY],
                                              &reading->prompts[MINNOW_QUERY], error);
    if (status) return status;
    return choose_prompt(reading, options->document_prompt, settings->prompts[MINNOW_DOCUMENT],
                         &reading->prompts[MINNOW_DOCUMENT], error);
}

/* ---- The whole ---------------------------------------------------------------------------- */

static enum minnow_status check_purpose(const struct reading *reading, struct minnow_error *error) {
    if (reading->modules.listed || !reading->encoder.classifies) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: architectures names a classifier (a reranker), expected an encoder of texts",
                       reading->encoder.file);
}

static enum minnow_status read_configs(struct reading *reading, struct minnow_error *error) {
    enum minnow_status status = minnow_modules_read(reading->folder, reading->memory, &reading->modules, error);
    if (status) return status;
    const char *subfolder = reading->modules.modules[0].subfolder;
    status = minnow_encoder_config_read(reading->folder, subfolder, reading->memory, &reading->encoder, error);
    if (!status) status = check_purpose(reading, error);
    if (status) return status;
    return minnow_sentence_settings_read(reading->folder, subfolder, reading->memory, &reading->settings, error);
}

static enum minnow_status read_contents(struct reading *reading, struct minnow_contents *contents,
                                        struct minnow_error *error) {
    contents->converter = contents->quantization = "";
    enum minnow_status status = read_configs(reading, error);
    if (!status) status = add_prompts(reading, contents, error);
    if (!status) status = add_layers(reading, error);
    if (!status) status = add_tokenizer(reading, contents, error);
    if (!status) status = add_route(reading, contents, error);
    if (!status) status = add_names(reading, contents, error);
    if (!status) add_space(reading, contents);
    return status;
}

enum minnow_status minnow_checkpoint_open(const char *folder, const struct minnow_checkpoint_options *options,
                                          struct minnow_checkpoint **checkpoint, struct minnow_error *error) {
    static const struct minnow_checkpoint_options defaults = {0};
    *checkpoint = NULL;
    struct minnow_checkpoint *opened = calloc(1, sizeof *opened);
    if (!opened) return no_memory(folder, error);
    opened->memory = minnow_memory_create();
    struct reading reading = {.folder = folder, .options = options ? options : &defaults, .memory = opened->memory};
    enum minnow_status status =
        opened->memory ? read_contents(&reading, &opened->contents, error) : no_memory(folder, error);
    if (status)
        minnow_checkpoint_close(opened);
    else
        *checkpoint = opened;
    return status;
}

void minnow_checkpoint_close(struct minnow_checkpoint *checkpoint) {
    if (!checkpoint) return;
    minnow_memory_free(checkpoint->memory);
    free(checkpoint);
}
