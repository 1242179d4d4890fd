/* ColBERT as Stanford publishes it (arXiv 2004.12832, 2112.01488): a marker after [CLS], queries filled up with [MASK],
 * a linear layer without bias, unit vectors; punctuation of documents is left out. */
#include "convert/checkpoint/colbert_stanford.h"

#include "convert/checkpoint/layouts.h"

#include <string.h>

#define FILE_NAME "artifact.metadata"

static enum minnow_status check_kind(const struct minnow_json_file *file, struct minnow_error *error) {
    static const char *const expected[][2] = {{"interaction", "colbert"}, {"similarity", "cosine"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const char *found = expected[i][1];
        enum minnow_status status = minnow_json_text(file, file->root, expected[i][0], &found, error);
        if (status) return status;
        if (strcmp(found, expected[i][1]))
            return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s is \"%.80s\", expected \"%s\"", file->name,
                               expected[i][0], found, expected[i][1]);
    }
    return MINNOW_OK;
}

static enum minnow_status read_lengths(const struct minnow_json_file *file, struct minnow_stanford_settings *settings,
                                       struct minnow_error *error) {
    uint32_t *query = &settings->lengths[MINNOW_QUERY], *document = &settings->lengths[MINNOW_DOCUMENT];
    enum minnow_status status = minnow_json_u32(file, file->root, "query_maxlen", 4, MINNOW_MAX_TOKENS, query, error);
    if (!status) status = minnow_json_u32(file, file->root, "doc_maxlen", 4, MINNOW_MAX_TOKENS, document, error);
    if (status || *document) return status;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: doc_maxlen is missing, expected a number of tokens",
                       file->name);
}

static enum minnow_status read_text(const struct minnow_reading *reading, const struct minnow_json_file *file,
                                    const char *key, const char **text, struct minnow_error *error) {
    enum minnow_status status = minnow_json_text(file, file->root, key, text, error);
    if (status) return status;
    *text = minnow_memory_copy_text(reading->memory, *text, strlen(*text));
    return *text ? MINNOW_OK : minnow_reading_no_memory(reading, error);
}

static enum minnow_status read_values(const struct minnow_reading *reading, const struct minnow_json_file *file,
                                      struct minnow_stanford_settings *settings, struct minnow_error *error) {
    if (!cJSON_IsObject(file->root))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is %s, expected an object", file->name,
                           minnow_json_found(file->root).text);
    enum minnow_status status = check_kind(file, error);
    if (!status) status = read_lengths(file, settings, error);
    if (!status) status = read_text(reading, file, "query_token_id", &settings->markers[MINNOW_QUERY], error);
    if (!status) status = read_text(reading, file, "doc_token_id", &settings->markers[MINNOW_DOCUMENT], error);
    if (!status)
        status = minnow_json_bool(file, file->root, "attend_to_mask_tokens", &settings->attends_to_masks, error);
    if (!status) status = minnow_json_bool(file, file->root, "mask_punctuation", &settings->skips_punctuation, error);
    return status;
}

static enum minnow_status read_settings(const struct minnow_reading *reading, struct minnow_stanford_settings *settings,
                                        struct minnow_error *error) {
    struct minnow_json_file file;
    *settings = minnow_stanford_defaults();
    enum minnow_status status = minnow_json_open(reading->folder, FILE_NAME, &file, error);
    if (!status) status = read_values(reading, &file, settings, error);
    minnow_json_close(&file);
    return status;
}

/* [CLS] marker text [SEP] */
static enum minnow_status set_input(struct minnow_reading *reading, enum minnow_role role,
                                    const struct minnow_transformer *transformer,
                                    const struct minnow_stanford_settings *settings, struct minnow_error *error) {
    struct minnow_input *input = &reading->contents->inputs[role];
    uint32_t length = 0;
    enum minnow_status status =
        minnow_reading_choose_length(reading, role, settings->lengths[role], transformer->config.positions,
                                     transformer->config.file, &length, error);
    if (!status) status = minnow_reading_set_input(reading, role, transformer->tokenizer, "", length, error);
    if (!status)
        status = minnow_reading_find_token(reading, transformer->tokenizer, settings->markers[role],
                                           &input->leading[1], error);
    input->leading_count = 2;
    return status;
}

static enum minnow_status set_masks(struct minnow_reading *reading, const struct minnow_stanford_settings *settings,
                                    struct minnow_error *error) {
    struct minnow_input *input = &reading->contents->inputs[MINNOW_QUERY];
    uint32_t mask;
    input->fill_to = input->max_tokens;
    input->masks_unseen = !settings->attends_to_masks;
    return minnow_reading_find_token(reading, input->tokenizer, "[MASK]", &mask, error);
}

/* ---- Punctuation --------------------------------------------------------------------------- */

static void insert_ascending(uint32_t *ids, uint32_t *count, uint32_t id) {
    uint32_t place = 0;
    while (place < *count && ids[place] < id) place++;
    if (place < *count && ids[place] == id) return;
    memmove(ids + place + 1, ids + place, (*count - place) * sizeof *ids);
    ids[place] = id;
    ++*count;
}

/* The first token of each ASCII symbol. */
static enum minnow_status skip_punctuation(struct minnow_reading *reading, struct minnow_error *error) {
    static const char symbols[] = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    struct minnow_input *input = &reading->contents->inputs[MINNOW_DOCUMENT];
    const struct minnow_tokenizer *tokenizer = &reading->contents->tokenizers[input->tokenizer];
    uint32_t *ids = minnow_memory_take(reading->memory, sizeof symbols * sizeof *ids);
    if (!ids) return minnow_reading_no_memory(reading, error);
    for (size_t i = 0; i < sizeof symbols - 1; i++) {
        uint32_t id;
        if (minnow_tokenizer_encode(tokenizer, (struct minnow_text){"", 0}, (struct minnow_text){symbols + i, 1}, &id,
                                    1, 1))
            insert_ascending(ids, &input->skipped_count, id);
    }
    input->skipped = ids;
    return MINNOW_OK;
}

/* ---- The whole ----------------------------------------------------------------------------- */

struct minnow_stanford_settings minnow_stanford_defaults(void) {
    return (struct minnow_stanford_settings){{"[unused0]", "[unused1]"}, {32, 0}, false, true};
}

enum minnow_status minnow_stanford_set_inputs(struct minnow_reading *reading,
                                              const struct minnow_transformer *transformer,
                                              const struct minnow_stanford_settings *settings,
                                              struct minnow_error *error) {
    enum minnow_status status = set_input(reading, MINNOW_QUERY, transformer, settings, error);
    if (!status) status = set_input(reading, MINNOW_DOCUMENT, transformer, settings, error);
    if (!status) status = set_masks(reading, settings, error);
    return status || !settings->skips_punctuation ? status : skip_punctuation(reading, error);
}

enum minnow_status minnow_stanford_colbert_read(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_transformer transformer = {0};
    struct minnow_stanford_settings settings;
    enum minnow_status status = read_settings(reading, &settings, error);
    reading->contents->similarity = MINNOW_MAXSIM;
    if (!status) status = minnow_transformer_open_whole(reading, &transformer, error);
    if (!status) status = minnow_transformer_add_dense(reading, &transformer, "linear", MINNOW_IDENTITY, error);
    if (!status) status = minnow_transformer_normalize(reading, &transformer, error);
    if (!status) status = minnow_stanford_set_inputs(reading, &transformer, &settings, error);
    if (!status) status = minnow_reading_share_route(reading, &transformer.list, error);
    minnow_transformer_close(&transformer);
    return status;
}
