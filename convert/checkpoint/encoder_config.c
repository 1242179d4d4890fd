#include "convert/checkpoint/encoder_config.h"

#include "convert/checkpoint/json_file.h"
#include "convert/checkpoint/text_file.h"

#include <stdlib.h>
#include <string.h>

static enum minnow_status read_family(const struct minnow_json_file *file, enum minnow_encoder_family *family,
                                      struct minnow_error *error) {
    const cJSON *value = minnow_json_get(file->root, "model_type");
    for (size_t i = 0; cJSON_IsString(value) && i < MINNOW_FAMILIES; i++)
        if (!strcmp(value->valuestring, minnow_encoder_names[i].model_type)) {
            *family = (enum minnow_encoder_family)i;
            return MINNOW_OK;
        }
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: model_type is %s, expected \"bert\" or \"distilbert\"",
                       file->name, minnow_json_found(value).text);
}

static enum minnow_status require(const struct minnow_json_file *file, const char *key, uint32_t most, uint32_t *out,
                                  struct minnow_error *error) {
    if (!minnow_json_get(file->root, key))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s is missing, expected a whole number", file->name, key);
    return minnow_json_u32(file, file->root, key, 1, most, out, error);
}

/* Left-out keys have the defaults of the published configuration classes. */
static enum minnow_status read_sizes(const struct minnow_json_file *file, const struct minnow_encoder_names *keys,
                                     struct minnow_encoder_config *config, struct minnow_error *error) {
    config->positions = 512;
    bool has_types = config->family == MINNOW_FAMILY_BERT;
    config->types = has_types ? 2 : 0;
    enum minnow_status status = require(file, keys->hidden, MINNOW_MAX_WIDTH / 3, &config->hidden, error);
    if (!status) status = require(file, keys->layers, MINNOW_MAX_LAYERS - 64, &config->layers, error);
    if (!status) status = require(file, keys->heads, MINNOW_MAX_INPUTS, &config->heads, error);
    if (!status) status = require(file, keys->intermediate, MINNOW_MAX_INPUTS, &config->intermediate, error);
    if (!status) status = require(file, "vocab_size", INT32_MAX, &config->vocabulary, error);
    if (!status)
        status = minnow_json_u32(file, file->root, "max_position_embeddings", 3, INT32_MAX, &config->positions, error);
    if (!status && has_types)
        status = minnow_json_u32(file, file->root, "type_vocab_size", 1, INT32_MAX, &config->types, error);
    if (status || config->hidden % config->heads == 0) return status;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s is %u, expected a divisor of %s, which is %u", file->name,
                       keys->heads, config->heads, keys->hidden, config->hidden);
}

/* "gelu" and "gelu_python" are the exact one, by erf; "gelu_new" and others are approximations. */
static enum minnow_status read_activation(const struct minnow_json_file *file, const char *key,
                                          enum minnow_activation *activation, struct minnow_error *error) {
    static const struct {
        const char *name;
        enum minnow_activation activation;
    } names[] = {{"gelu", MINNOW_GELU}, {"gelu_python", MINNOW_GELU}, {"relu", MINNOW_RELU}, {"tanh", MINNOW_TANH}};
    const char *found = "gelu";
    enum minnow_status status = minnow_json_text(file, file->root, key, &found, error);
    if (status) return status;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(found, names[i].name)) {
            *activation = names[i].activation;
            return MINNOW_OK;
        }
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: %s is \"%.80s\", expected \"gelu\" (the exact one), \"relu\" or \"tanh\"", file->name, key,
                       found);
}

static enum minnow_status read_epsilon(const struct minnow_json_file *file, float *epsilon,
                                       struct minnow_error *error) {
    const cJSON *value = minnow_json_get(file->root, "layer_norm_eps");
    double found = value ? -1 : 1e-12;
    if (cJSON_IsNumber(value)) found = value->valuedouble;
    *epsilon = found > 0 && found < 1 ? (float)found : 0;
    if (*epsilon > 0) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: layer_norm_eps is %s, expected a number in (0, 1)",
                       file->name, minnow_json_found(value).text);
}

/* Variants of the block that look the same by their tensors. */
static enum minnow_status check_variant(const struct minnow_json_file *file, struct minnow_error *error) {
    static const char *const switches[] = {"is_decoder", "add_cross_attention"};
    const char *positions = "absolute";
    enum minnow_status status = minnow_json_text(file, file->root, "position_embedding_type", &positions, error);
    if (!status && strcmp(positions, "absolute"))
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: position_embedding_type is \"%.80s\", expected \"absolute\"",
                           file->name, positions);
    for (size_t i = 0; i < 2 && !status; i++) {
        bool on = false;
        status = minnow_json_bool(file, file->root, switches[i], &on, error);
        if (!status && on)
            return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s is true, expected false", file->name, switches[i]);
    }
    return status;
}

/* ---- Heads that were taken out ------------------------------------------------------------- */

static enum minnow_status count_pruned(const struct minnow_json_file *file, const cJSON *block,
                                       const struct minnow_encoder_config *config, uint32_t *pruned,
                                       struct minnow_error *error) {
    char *end;
    unsigned long number = strtoul(block->string, &end, 10);
    if (*block->string < '0' || *block->string > '9' || *end || number >= config->layers)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: pruned_heads has \"%.80s\", expected blocks from 0 to %u",
                           file->name, block->string, config->layers - 1);
    int count = cJSON_IsArray(block) ? cJSON_GetArraySize(block) : -1;
    if (count < 0 || (uint32_t)count >= config->heads)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: pruned_heads of block %lu is %s, expected an array of fewer than the %u heads",
                           file->name, number, minnow_json_found(block).text, config->heads);
    pruned[number] = (uint32_t)count;
    return MINNOW_OK;
}

/* An object, as transformers writes it: heads by the number of their block. */
static enum minnow_status read_pruned(const struct minnow_json_file *file, struct minnow_memory *memory,
                                      struct minnow_encoder_config *config, struct minnow_error *error) {
    const cJSON *found = minnow_json_get(file->root, "pruned_heads");
    enum minnow_status status = MINNOW_OK;
    if (!found) return MINNOW_OK;
    if (!cJSON_IsObject(found))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: pruned_heads is %s, expected an object", file->name,
                           minnow_json_found(found).text);
    uint32_t *pruned = minnow_memory_take(memory, config->layers * sizeof *pruned);
    if (!pruned) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for it", file->name);
    for (const cJSON *block = found->child; block && !status; block = block->next)
        status = count_pruned(file, block, config, pruned, error);
    config->pruned = pruned;
    return status;
}

/* ---- The whole ----------------------------------------------------------------------------- */

static enum minnow_status read_config(const struct minnow_json_file *file, struct minnow_memory *memory,
                                      struct minnow_encoder_config *config, struct minnow_error *error) {
    enum minnow_status status = read_family(file, &config->family, error);
    if (status) return status;
    const struct minnow_encoder_names *keys = &minnow_encoder_names[config->family];
    status = read_sizes(file, keys, config, error);
    if (!status) status = read_activation(file, keys->activation, &config->activation, error);
    config->epsilon = 1e-12f; /* fixed in DistilBERT, whatever its file may say */
    if (!status && config->family == MINNOW_FAMILY_BERT) status = read_epsilon(file, &config->epsilon, error);
    if (!status) status = read_pruned(file, memory, config, error);
    return status ? status : check_variant(file, error);
}

enum minnow_status minnow_encoder_config_read(const char *folder, const char *subfolder, struct minnow_memory *memory,
                                              struct minnow_encoder_config *config, struct minnow_error *error) {
    *config = (struct minnow_encoder_config){0};
    config->file = minnow_join_name(memory, subfolder, "config.json");
    if (!config->file) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "config.json: no memory for its name");
    struct minnow_json_file file;
    enum minnow_status status = minnow_json_open(folder, config->file, &file, error);
    if (status) return status;
    if (!cJSON_IsObject(file.root))
        status = minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is %s, expected an object", config->file,
                             minnow_json_found(file.root).text);
    else
        status = read_config(&file, memory, config, error);
    minnow_json_close(&file);
    return status;
}
