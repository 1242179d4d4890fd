#include "convert/checkpoint/transformer.h"

#include "convert/checkpoint/encoder.h"
#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/weights.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- The transformer ----------------------------------------------------------------------- */

/* Errors name files within the checkpoint's folder; those of another folder need its name. */
static enum minnow_status name_folder(enum minnow_status status, const struct minnow_reading *reading,
                                      struct minnow_place_of_files place, struct minnow_error *error) {
    bool elsewhere = strcmp(place.folder, reading->folder) != 0;
    return status && elsewhere ? minnow_fail_within(error, status, "%.200s", place.folder) : status;
}

static enum minnow_status add_tokenizer(struct minnow_reading *reading, struct minnow_place_of_files place,
                                        struct minnow_transformer *transformer, struct minnow_error *error) {
    enum minnow_status status =
        minnow_reading_add_tokenizer(reading, place.folder, place.subfolder, &transformer->tokenizer, error);
    if (status) return name_folder(status, reading, place, error);
    return minnow_reading_check_vocabulary(&reading->contents->tokenizers[transformer->tokenizer],
                                           transformer->config.vocabulary, transformer->config.file, error);
}

enum minnow_status minnow_transformer_open(struct minnow_reading *reading, struct minnow_place_of_files config,
                                           struct minnow_place_of_files tokenizer,
                                           struct minnow_transformer *transformer, struct minnow_error *error) {
    *transformer = (struct minnow_transformer){0};
    enum minnow_status status =
        minnow_encoder_config_read(config.folder, config.subfolder, reading->memory, &transformer->config, error);
    if (status) return name_folder(status, reading, config, error);
    status = minnow_reading_open_tensors(reading, "", &transformer->source, error);
    if (!status)
        status =
            minnow_encoder_read(reading, "", &transformer->source, &transformer->config, &transformer->list, error);
    return status ? status : add_tokenizer(reading, tokenizer, transformer, error);
}

enum minnow_status minnow_transformer_open_whole(struct minnow_reading *reading,
                                                 struct minnow_transformer *transformer, struct minnow_error *error) {
    const struct minnow_place_of_files here = {reading->folder, ""};
    return minnow_transformer_open(reading, here, here, transformer, error);
}

void minnow_transformer_close(struct minnow_transformer *transformer) {
    minnow_tensor_source_close(&transformer->source);
}

/* ---- What it began as ---------------------------------------------------------------------- */

static enum minnow_status check_base(const char *base, struct minnow_error *error) {
    char path[MINNOW_PATH_BYTES];
    enum minnow_status status = minnow_join_path(base, "config.json", path, error);
    if (status || !access(path, R_OK)) return status;
    return minnow_fail(error, MINNOW_IO, "--base: %.300s: could not be opened: %s", path, strerror(errno));
}

enum minnow_status minnow_base_find(const struct minnow_reading *reading, const char *what,
                                    struct minnow_place_of_files *base, struct minnow_error *error) {
    const char *asked = reading->options->base;
    *base = asked ? (struct minnow_place_of_files){asked, ""} : (struct minnow_place_of_files){reading->folder, "base"};
    if (asked) return check_base(asked, error);
    if (minnow_reading_has_file(reading, "base")) return MINNOW_OK;
    const cJSON *name = minnow_json_get(reading->config.root, "bert_model");
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "config.json: does not hold the model's %s; those of the model that it began as (bert_model: "
                       "%s) are read from a folder \"base\" inside, or from the one that --base names",
                       what, minnow_json_found(name).text);
}

enum minnow_status minnow_base_find_tokenizer(const struct minnow_reading *reading,
                                              struct minnow_place_of_files *place, struct minnow_error *error) {
    *place = (struct minnow_place_of_files){reading->folder, ""};
    if (minnow_reading_has_file(reading, "tokenizer.json") || minnow_reading_has_file(reading, "vocab.txt"))
        return MINNOW_OK;
    return minnow_base_find(reading, "vocabulary", place, error);
}

enum minnow_status minnow_transformer_open_based(struct minnow_reading *reading,
                                                 struct minnow_transformer *transformer, struct minnow_error *error) {
    struct minnow_place_of_files config, tokenizer;
    *transformer = (struct minnow_transformer){0};
    enum minnow_status status = minnow_base_find(reading, "head count and vocabulary", &config, error);
    if (!status) status = minnow_base_find_tokenizer(reading, &tokenizer, error);
    return status ? status : minnow_transformer_open(reading, config, tokenizer, transformer, error);
}

/* ---- Heads --------------------------------------------------------------------------------- */

enum minnow_status minnow_transformer_pool_first(const struct minnow_reading *reading,
                                                 struct minnow_transformer *transformer, struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(reading, &transformer->list, MINNOW_LAYER_POOL, &layer, error);
    if (!status) layer->pool.pooling = MINNOW_POOL_CLS;
    return status;
}

enum minnow_status minnow_transformer_add_dense(const struct minnow_reading *reading,
                                                struct minnow_transformer *transformer, const char *name,
                                                enum minnow_activation activation, struct minnow_error *error) {
    struct minnow_layer *layer;
    struct minnow_weights weights = {&transformer->source, reading->memory, ""};
    enum minnow_status status =
        minnow_reading_add_layer(reading, &transformer->list, MINNOW_LAYER_DENSE, &layer, error);
    if (status) return status;
    layer->dense.activation = activation;
    status = minnow_weights_linear_as_found(&weights, name, transformer->list.width, &layer->dense.linear, error);
    transformer->list.width = layer->dense.linear.outputs;
    return status;
}

enum minnow_status minnow_transformer_add_pooler(const struct minnow_reading *reading,
                                                 struct minnow_transformer *transformer, struct minnow_error *error) {
    char name[MINNOW_WEIGHT_NAME];
    snprintf(name, sizeof name, "%spooler.dense", minnow_encoder_prefix(&transformer->source));
    return minnow_transformer_add_dense(reading, transformer, name, MINNOW_TANH, error);
}

enum minnow_status minnow_transformer_normalize(const struct minnow_reading *reading,
                                                struct minnow_transformer *transformer, struct minnow_error *error) {
    struct minnow_layer *layer;
    return minnow_reading_add_layer(reading, &transformer->list, MINNOW_LAYER_NORMALIZE, &layer, error);
}
