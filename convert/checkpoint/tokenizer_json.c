#include "convert/checkpoint/tokenizer_parts.h"

#include <stdio.h>
#include <string.h>

/* What each section is read into and complained about with. */
struct reader {
    const struct minnow_json_file *file;
    struct minnow_error *error;
    struct minnow_tokenizer *tokenizer;
    struct minnow_token_list list;
};

static enum minnow_status unsupported(const struct reader *reader, const char *key, const cJSON *found,
                                      const char *expected) {
    return minnow_fail(reader->error, MINNOW_UNSUPPORTED, "%s: %s: found %s, expected %s", reader->file->name, key,
                       minnow_json_found(found).text, expected);
}

static enum minnow_status damaged(const struct reader *reader, const char *key, const cJSON *found,
                                  const char *expected) {
    return minnow_fail(reader->error, MINNOW_BAD_CHECKPOINT, "%s: %s: found %s, expected %s", reader->file->name, key,
                       minnow_json_found(found).text, expected);
}

static bool is_text(const cJSON *value, const char *text) {
    return cJSON_IsString(value) && strcmp(value->valuestring, text) == 0;
}

static bool is_index(const cJSON *value, uint32_t *index) {
    uint64_t integer;
    if (!minnow_json_is_integer(value, &integer) || integer >= MINNOW_NO_TOKEN) return false;
    *index = (uint32_t)integer;
    return true;
}

/* A flag that must be there. */
static enum minnow_status read_flag(const struct reader *reader, const cJSON *object, const char *key, uint32_t bit,
                                    uint32_t *flags) {
    const cJSON *value = minnow_json_get(object, key);
    if (!cJSON_IsBool(value)) return damaged(reader, key, value, "true or false");
    if (cJSON_IsTrue(value)) *flags |= bit;
    return MINNOW_OK;
}

/* ---- Normalizer, pre-tokenizer, decoder --------------------------------------------------- */

static enum minnow_status expect_type(const struct reader *reader, const char *section, const char *expected) {
    const cJSON *object = minnow_json_get(reader->file->root, section), *type = minnow_json_get(object, "type");
    if (is_text(type, expected)) return MINNOW_OK;
    char key[64], wanted[64];
    snprintf(key, sizeof key, "%s.type", section);
    snprintf(wanted, sizeof wanted, "\"%s\"", expected);
    return unsupported(reader, key, type, wanted);
}

static enum minnow_status read_normalizer(struct reader *reader) {
    const cJSON *object = minnow_json_get(reader->file->root, "normalizer");
    uint32_t *options = &reader->tokenizer->options;
    enum minnow_status status = expect_type(reader, "normalizer", "BertNormalizer");
    if (status == MINNOW_OK) status = read_flag(reader, object, "clean_text", MINNOW_TOKENIZER_CLEAN_TEXT, options);
    if (status == MINNOW_OK)
        status = read_flag(reader, object, "handle_chinese_chars", MINNOW_TOKENIZER_SPACE_CJK, options);
    if (status == MINNOW_OK) status = read_flag(reader, object, "lowercase", MINNOW_TOKENIZER_LOWERCASE, options);
    if (status != MINNOW_OK) return status;
    if (minnow_json_get(object, "strip_accents"))
        return read_flag(reader, object, "strip_accents", MINNOW_TOKENIZER_STRIP_ACCENTS, options);
    if (*options & MINNOW_TOKENIZER_LOWERCASE) *options |= MINNOW_TOKENIZER_STRIP_ACCENTS;
    return MINNOW_OK;
}

static enum minnow_status read_pipeline(struct reader *reader) {
    const cJSON *version = minnow_json_get(reader->file->root, "version");
    if (version && !is_text(version, "1.0")) return unsupported(reader, "version", version, "\"1.0\"");
    enum minnow_status status = read_normalizer(reader);
    if (status == MINNOW_OK) status = expect_type(reader, "pre_tokenizer", "BertPreTokenizer");
    if (status == MINNOW_OK && minnow_json_get(reader->file->root, "decoder"))
        status = expect_type(reader, "decoder", "WordPiece");
    return status;
}

/* ---- The model ---------------------------------------------------------------------------- */

/* Each id from 0 on exactly once. */
static enum minnow_status read_vocabulary(struct reader *reader, const cJSON *vocabulary) {
    for (const cJSON *token = vocabulary->child; token; token = token->next) {
        uint32_t id;
        if (!is_index(token, &id) || id >= reader->list.model || reader->list.texts[id].bytes)
            return minnow_fail(reader->error, MINNOW_BAD_CHECKPOINT,
                               "%s: model.vocab[\"%.80s\"]: found %s, expected one of 0 to %u, each once",
                               reader->file->name, token->string, minnow_json_found(token).text,
                               reader->list.model - 1);
        reader->list.texts[id] = (struct minnow_text){token->string, strlen(token->string)};
    }
    return MINNOW_OK;
}

static enum minnow_status read_continuation(struct reader *reader, const cJSON *prefix) {
    if (!cJSON_IsString(prefix)) return damaged(reader, "model.continuing_subword_prefix", prefix, "a string");
    const char *copy = minnow_memory_copy_text(reader->list.memory, prefix->valuestring, strlen(prefix->valuestring));
    reader->tokenizer->continuation = copy;
    return copy ? MINNOW_OK : minnow_fail(reader->error, MINNOW_OUT_OF_MEMORY, "%s: no memory", reader->file->name);
}

static enum minnow_status read_model(struct reader *reader, struct minnow_memory *memory) {
    const cJSON *root = reader->file->root, *model = minnow_json_get(root, "model");
    const cJSON *type = minnow_json_get(model, "type"), *vocabulary = minnow_json_get(model, "vocab");
    const cJSON *longest = minnow_json_get(model, "max_input_chars_per_word");
    const cJSON *added = minnow_json_get(root, "added_tokens");
    if (type && !is_text(type, "WordPiece")) return unsupported(reader, "model.type", type, "\"WordPiece\"");
    if (!cJSON_IsObject(vocabulary)) return damaged(reader, "model.vocab", vocabulary, "an object");
    if (added && !cJSON_IsArray(added)) return damaged(reader, "added_tokens", added, "an array");
    if (!is_index(longest, &reader->tokenizer->max_word_characters))
        return damaged(reader, "model.max_input_chars_per_word", longest, "a whole number");
    enum minnow_status status =
        minnow_token_list_create(memory, reader->file->name, (size_t)cJSON_GetArraySize(vocabulary),
                                 (size_t)cJSON_GetArraySize(added), &reader->list, reader->error);
    if (status == MINNOW_OK)
        status = read_continuation(reader, minnow_json_get(model, "continuing_subword_prefix"));
    return status == MINNOW_OK ? read_vocabulary(reader, vocabulary) : status;
}

/* ---- Added tokens ------------------------------------------------------------------------- */

/* An id behind the model's must be the next one: `tokenizers` numbers such tokens itself. */
static enum minnow_status place_added(struct reader *reader, const cJSON *content, const cJSON *number, uint32_t *id) {
    struct minnow_token_list *list = &reader->list;
    struct minnow_text text = {content->valuestring, strlen(content->valuestring)};
    if (!is_index(number, id)) return damaged(reader, "added_tokens.id", number, "a whole number");
    bool of_model = *id < list->model && list->texts[*id].size == text.size &&
                    memcmp(list->texts[*id].bytes, text.bytes, text.size) == 0;
    if (of_model) return MINNOW_OK;
    if (*id != list->count)
        return minnow_fail(reader->error, MINNOW_BAD_CHECKPOINT,
                           "%s: added_tokens: id %u of \"%.80s\", expected its id in the vocabulary or else %u",
                           reader->file->name, *id, content->valuestring, list->count);
    list->texts[list->count++] = text;
    return MINNOW_OK;
}

static enum minnow_status read_added_flags(struct reader *reader, const cJSON *token,
                                           struct minnow_added_token *added) {
    uint32_t normalized = 0;
    enum minnow_status status = read_flag(reader, token, "single_word", 1, &added->single_word);
    if (status == MINNOW_OK) status = read_flag(reader, token, "lstrip", 1, &added->left_strip);
    if (status == MINNOW_OK) status = read_flag(reader, token, "rstrip", 1, &added->right_strip);
    if (status == MINNOW_OK) status = read_flag(reader, token, "normalized", 1, &normalized);
    if (status != MINNOW_OK || !normalized) return status;
    return minnow_fail(reader->error, MINNOW_UNSUPPORTED,
                       "%s: added_tokens: \"%.80s\" has normalized true, expected false (matched in the raw text)",
                       reader->file->name, minnow_json_get(token, "content")->valuestring);
}

static enum minnow_status read_added(struct reader *reader) {
    const cJSON *tokens = minnow_json_get(reader->file->root, "added_tokens");
    for (const cJSON *token = tokens ? tokens->child : NULL; token; token = token->next) {
        const cJSON *content = minnow_json_get(token, "content");
        if (!cJSON_IsString(content)) return damaged(reader, "added_tokens.content", content, "a string");
        if (content->valuestring[0] == 0) continue; /* as `tokenizers` does */
        struct minnow_added_token *added = &reader->list.added[reader->list.added_count];
        enum minnow_status status = place_added(reader, content, minnow_json_get(token, "id"), &added->id);
        if (status == MINNOW_OK) status = read_added_flags(reader, token, added);
        if (status != MINNOW_OK) return status;
        ++reader->list.added_count;
    }
    return MINNOW_OK;
}

/* ---- The markers before and after --------------------------------------------------------- */

/* One step of a template: the id of its special token. */
static enum minnow_status read_marker(struct reader *reader, const cJSON *processor, const cJSON *step, uint32_t *id) {
    const cJSON *name = minnow_json_get(minnow_json_get(step, "SpecialToken"), "id");
    if (!cJSON_IsString(name)) return unsupported(reader, "post_processor.single", name, "[CLS] A [SEP]");
    const cJSON *token = minnow_json_get(minnow_json_get(processor, "special_tokens"), name->valuestring);
    const cJSON *ids = minnow_json_get(token, "ids");
    if (cJSON_GetArraySize(ids) == 1 && is_index(ids->child, id)) return MINNOW_OK;
    return unsupported(reader, "post_processor.special_tokens.ids", ids, "one id for each special token");
}

static bool is_sequence(const cJSON *step) {
    return is_text(minnow_json_get(minnow_json_get(step, "Sequence"), "id"), "A");
}

/* [CLS] A [SEP], or A alone, as static tables have it. */
static enum minnow_status read_template(struct reader *reader, const cJSON *processor) {
    const cJSON *single = minnow_json_get(processor, "single");
    int steps = cJSON_IsArray(single) ? cJSON_GetArraySize(single) : 0;
    if (steps == 1 && is_sequence(single->child)) return MINNOW_OK;
    if (steps != 3 || !is_sequence(cJSON_GetArrayItem(single, 1)))
        return unsupported(reader, "post_processor.single", single, "[CLS] A [SEP]");
    enum minnow_status status = read_marker(reader, processor, single->child, &reader->tokenizer->cls_id);
    if (status != MINNOW_OK) return status;
    return read_marker(reader, processor, cJSON_GetArrayItem(single, 2), &reader->tokenizer->sep_id);
}

/* ["[CLS]", 101] */
static enum minnow_status read_pair(struct reader *reader, const cJSON *processor, const char *key, uint32_t *id) {
    const cJSON *pair = minnow_json_get(processor, key);
    if (cJSON_IsArray(pair) && cJSON_GetArraySize(pair) == 2 && is_index(cJSON_GetArrayItem(pair, 1), id))
        return MINNOW_OK;
    return damaged(reader, key, pair, "a token and its id");
}

static enum minnow_status read_processor(struct reader *reader) {
    const cJSON *processor = minnow_json_get(reader->file->root, "post_processor");
    const cJSON *type = minnow_json_get(processor, "type");
    reader->tokenizer->cls_id = reader->tokenizer->sep_id = MINNOW_NO_TOKEN;
    if (!processor) return MINNOW_OK;
    if (is_text(type, "TemplateProcessing")) return read_template(reader, processor);
    if (!is_text(type, "BertProcessing"))
        return unsupported(reader, "post_processor.type", type, "\"TemplateProcessing\" or \"BertProcessing\"");
    enum minnow_status status = read_pair(reader, processor, "cls", &reader->tokenizer->cls_id);
    return status == MINNOW_OK ? read_pair(reader, processor, "sep", &reader->tokenizer->sep_id) : status;
}

/* The unknown token must be one of the model's own. */
static enum minnow_status read_unknown(struct reader *reader) {
    const cJSON *unknown = minnow_json_get(minnow_json_get(reader->file->root, "model"), "unk_token");
    if (!cJSON_IsString(unknown)) return damaged(reader, "model.unk_token", unknown, "a string");
    uint32_t id = minnow_tokenizer_find(reader->tokenizer, unknown->valuestring, strlen(unknown->valuestring));
    if (id == MINNOW_NO_TOKEN) return damaged(reader, "model.unk_token", unknown, "a token of model.vocab");
    reader->tokenizer->unknown_id = id;
    return MINNOW_OK;
}

enum minnow_status minnow_tokenizer_read_json(const struct minnow_json_file *file, struct minnow_memory *memory,
                                              struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    struct reader reader = {.file = file, .error = error, .tokenizer = tokenizer};
    enum minnow_status status = read_pipeline(&reader);
    if (status == MINNOW_OK) status = read_model(&reader, memory);
    if (status == MINNOW_OK) status = read_added(&reader);
    if (status == MINNOW_OK) status = minnow_token_list_build(&reader.list, tokenizer, error);
    if (status == MINNOW_OK) status = read_unknown(&reader);
    return status == MINNOW_OK ? read_processor(&reader) : status;
}
