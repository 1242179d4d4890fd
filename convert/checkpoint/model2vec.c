/* A folder of model2vec: a table of token vectors, and how their mean is made. Folders that it saves list modules for
 * sentence-transformers too, which knows neither the limit nor that unknown tokens are left out; what model2vec does
 * with them is what counts here. */
#include "convert/checkpoint/json_file.h"
#include "convert/checkpoint/layouts.h"
#include "convert/checkpoint/static_table.h"

#include <stdlib.h>
#include <string.h>

struct model2vec {
    struct minnow_reading *reading;
    uint32_t tokenizer;
    uint32_t longest; /* tokens; 0: no limit */
    bool normalize;
    struct minnow_layer_list list;
};

bool minnow_model2vec_recognizes(const struct minnow_reading *reading) {
    const cJSON *type = minnow_json_get(reading->config.root, "model_type");
    return cJSON_IsString(type) && !strcmp(type->valuestring, "model2vec");
}

/* ---- config.json -------------------------------------------------------------------------- */

static bool is_null(const cJSON *root, const char *key) {
    return cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(root, key));
}

/* A limit of null is none; one that is not said is 512. */
static enum minnow_status read_config(struct model2vec *model, struct minnow_error *error) {
    const struct minnow_json_file *file = &model->reading->config;
    model->longest = is_null(file->root, "max_length") ? 0 : 512;
    enum minnow_status status =
        minnow_json_u32(file, file->root, "max_length", 1, MINNOW_MAX_TOKENS, &model->longest, error);
    return status ? status : minnow_json_bool(file, file->root, "normalize", &model->normalize, error);
}

/* ---- Texts -------------------------------------------------------------------------------- */

static int compare_lengths(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t count_characters(const struct minnow_tokenizer *tokenizer, uint32_t id) {
    uint32_t count = 0;
    for (uint32_t i = tokenizer->offsets[id]; i < tokenizer->offsets[id + 1]; i++)
        count += ((uint8_t)tokenizer->text[i] & 0xC0) != 0x80;
    return count;
}

/* Characters of the token in the middle; of two, what lies between them, rounded down. */
static enum minnow_status find_median(const struct model2vec *model, uint32_t *median, struct minnow_error *error) {
    const struct minnow_tokenizer *tokenizer = &model->reading->contents->tokenizers[model->tokenizer];
    uint32_t count = tokenizer->vocabulary, *lengths = malloc(count * sizeof *lengths);
    if (!lengths) return minnow_reading_no_memory(model->reading, error);
    for (uint32_t id = 0; id < count; id++) lengths[id] = count_characters(tokenizer, id);
    qsort(lengths, count, sizeof *lengths, compare_lengths);
    *median = (lengths[(count - 1) / 2] + lengths[count / 2]) / 2;
    free(lengths);
    return MINNOW_OK;
}

/* Before texts become tokens they are cut to as many characters as so many tokens of the median length have. */
static enum minnow_status set_input(const struct model2vec *model, enum minnow_role role, struct minnow_error *error) {
    struct minnow_reading *reading = model->reading;
    uint32_t told = model->longest ? model->longest : MINNOW_UNLIMITED_TOKENS, length = 0, median = 0;
    enum minnow_status status =
        minnow_reading_choose_length(reading, role, told, MINNOW_MAX_TOKENS, "config.json", &length, error);
    if (!status) status = find_median(model, &median, error);
    if (!status) status = minnow_reading_set_bare_input(reading, role, model->tokenizer, "", length, error);
    if (status) return status;
    reading->contents->inputs[role].drops_unknown = true;
    if (model->longest) reading->contents->inputs[role].max_characters = length * (median ? median : 1);
    return MINNOW_OK;
}

static enum minnow_status set_inputs(const struct model2vec *model, struct minnow_error *error) {
    enum minnow_status status = set_input(model, MINNOW_QUERY, error);
    return status ? status : set_input(model, MINNOW_DOCUMENT, error);
}

/* ---- Layers ------------------------------------------------------------------------------- */

static enum minnow_status add_layers(struct model2vec *model, const struct minnow_static_table *table,
                                     struct minnow_error *error) {
    struct minnow_layer *layer;
    enum minnow_status status =
        minnow_reading_add_layer(model->reading, &model->list, MINNOW_LAYER_EMBEDDING, &layer, error);
    if (status) return status;
    layer->embedding.words = (struct minnow_table){.rows = table->count, .width = table->width, .data = table->rows};
    model->list.width = table->width;
    status = minnow_reading_add_layer(model->reading, &model->list, MINNOW_LAYER_POOL, &layer, error);
    if (status) return status;
    layer->pool.pooling = MINNOW_POOL_MEAN;
    if (!model->normalize) return MINNOW_OK;
    return minnow_reading_add_layer(model->reading, &model->list, MINNOW_LAYER_NORMALIZE, &layer, error);
}

static enum minnow_status check_count(const struct model2vec *model, const struct minnow_static_table *table,
                                      struct minnow_error *error) {
    uint32_t vocabulary = model->reading->contents->tokenizers[model->tokenizer].vocabulary;
    if (table->count == vocabulary) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "model.safetensors: rows for %u tokens, expected %u, as many as tokenizer.json has",
                       table->count, vocabulary);
}

enum minnow_status minnow_model2vec_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct model2vec model = {.reading = reading};
    struct minnow_static_table table;
    reading->contents->similarity = MINNOW_COSINE;
    enum minnow_status status = read_config(&model, error);
    if (!status) status = minnow_reading_add_tokenizer(reading, reading->folder, "", &model.tokenizer, error);
    if (!status) status = minnow_static_table_read(reading, "", &table, error);
    if (!status) status = check_count(&model, &table, error);
    if (!status) status = add_layers(&model, &table, error);
    if (!status) status = set_inputs(&model, error);
    return status ? status : minnow_reading_share_route(reading, &model.list, error);
}
