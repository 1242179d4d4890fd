#include "convert/checkpoint/tokenizer_parts.h"

#include <stdlib.h>
#include <string.h>

static const char *const special_keys[] = {"unk_token", "cls_token", "sep_token", "pad_token", "mask_token"};
static const char *const special_texts[] = {"[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"};
enum { SPECIALS = sizeof special_keys / sizeof special_keys[0] };

/* ---- Lines -------------------------------------------------------------------------------- */

static enum minnow_status read_lines(const char *bytes, size_t size, size_t added, struct minnow_memory *memory,
                                     struct minnow_token_list *list, struct minnow_error *error) {
    const char *at = bytes, *end = bytes + size;
    struct minnow_text line;
    size_t count = 0;
    while (minnow_next_line(&at, end, &line)) ++count;
    enum minnow_status status = minnow_token_list_create(memory, "vocab.txt", count, added, list, error);
    if (status != MINNOW_OK) return status;
    at = bytes;
    for (uint32_t id = 0; minnow_next_line(&at, end, &line); ++id) list->texts[id] = line;
    return MINNOW_OK;
}

/* ---- Settings ----------------------------------------------------------------------------- */

static bool is_bert_class(const char *name) {
    static const char *const names[] = {"BertTokenizer",           "BertTokenizerFast",   "DistilBertTokenizer",
                                        "DistilBertTokenizerFast", "ElectraTokenizer",    "ElectraTokenizerFast",
                                        "RetriBertTokenizer",      "MobileBertTokenizer", "MobileBertTokenizerFast"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static enum minnow_status read_settings(const struct minnow_json_file *config, struct minnow_tokenizer *tokenizer,
                                        struct minnow_error *error) {
    const char *class_name = "BertTokenizer";
    bool lowercase = true, space_cjk = true, strip = false;
    enum minnow_status status = minnow_json_text(config, config->root, "tokenizer_class", &class_name, error);
    if (status == MINNOW_OK) status = minnow_json_bool(config, config->root, "do_lower_case", &lowercase, error);
    if (status == MINNOW_OK)
        status = minnow_json_bool(config, config->root, "tokenize_chinese_chars", &space_cjk, error);
    strip = lowercase; /* null or absent */
    if (status == MINNOW_OK) status = minnow_json_bool(config, config->root, "strip_accents", &strip, error);
    if (status != MINNOW_OK) return status;
    if (!is_bert_class(class_name))
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "%s: tokenizer_class: found \"%.80s\", expected \"BertTokenizer\" or a kin", config->name,
                           class_name);
    tokenizer->options = MINNOW_TOKENIZER_CLEAN_TEXT | (space_cjk ? MINNOW_TOKENIZER_SPACE_CJK : 0u) |
                         (strip ? MINNOW_TOKENIZER_STRIP_ACCENTS : 0u) | (lowercase ? MINNOW_TOKENIZER_LOWERCASE : 0u);
    tokenizer->max_word_characters = 100;
    tokenizer->continuation = "##";
    return MINNOW_OK;
}

/* ---- Added tokens ------------------------------------------------------------------------- */

static bool is_listed(const struct minnow_token_list *list, const char *text) {
    for (uint32_t i = 0; i < list->added_count; ++i) {
        const struct minnow_text *listed = &list->texts[list->added[i].id];
        if (listed->size == strlen(text) && memcmp(listed->bytes, text, listed->size) == 0) return true;
    }
    return false;
}

/* `token` is the object with flags, a string, or NULL: no flags then. */
static enum minnow_status add(struct minnow_token_list *list, const struct minnow_json_file *file, const cJSON *token,
                              const char *text, uint32_t id, struct minnow_error *error) {
    bool single_word = false, left = false, right = false, normalized = false;
    enum minnow_status status = minnow_json_bool(file, token, "single_word", &single_word, error);
    if (status == MINNOW_OK) status = minnow_json_bool(file, token, "lstrip", &left, error);
    if (status == MINNOW_OK) status = minnow_json_bool(file, token, "rstrip", &right, error);
    if (status == MINNOW_OK) status = minnow_json_bool(file, token, "normalized", &normalized, error);
    if (status != MINNOW_OK) return status;
    if (normalized)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: token \"%.80s\" has normalized true, expected false",
                           file->name, text);
    list->added[list->added_count++] = (struct minnow_added_token){id, single_word, left, right};
    return MINNOW_OK;
}

/* added_tokens_decoder: {"0": {"content": "[PAD]", ...}, ...}, ids ascending behind the vocabulary. */
static enum minnow_status add_decoded(struct minnow_token_list *list, const struct minnow_json_file *file,
                                      const cJSON *token, struct minnow_error *error) {
    const cJSON *content = minnow_json_get(token, "content");
    char *end;
    unsigned long id = strtoul(token->string, &end, 10);
    if (!cJSON_IsString(content) || *end || end == token->string || id > list->count)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: added_tokens_decoder[\"%.80s\"]: content %s, expected a token with an id up to %u",
                           file->name, token->string, minnow_json_found(content).text, list->count);
    struct minnow_text text = {content->valuestring, strlen(content->valuestring)};
    if (id == list->count) list->texts[list->count++] = text;
    const struct minnow_text *known = &list->texts[id];
    if (known->size != text.size || memcmp(known->bytes, text.bytes, text.size) != 0)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: added_tokens_decoder[\"%.80s\"]: found \"%.80s\", expected vocab.txt's \"%.*s\"",
                           file->name, token->string, text.bytes, (int)(known->size < 80 ? known->size : 80),
                           known->bytes);
    return add(list, file, token, text.bytes, (uint32_t)id, error);
}

static bool find_text(const struct minnow_token_list *list, const char *text, uint32_t *id) {
    size_t size = strlen(text);
    for (*id = 0; *id < list->count; ++*id)
        if (list->texts[*id].size == size && memcmp(list->texts[*id].bytes, text, size) == 0) return true;
    return false;
}

/* The five special tokens, so far as the vocabulary has them, are added tokens even where none are listed. */
static enum minnow_status add_special(struct minnow_token_list *list, const struct minnow_tokenizer_configs *configs,
                                      unsigned which, struct minnow_error *error) {
    const char *text = minnow_named_token_text(configs, special_keys[which], special_texts[which]);
    uint32_t id;
    if (is_listed(list, text) || !find_text(list, text, &id)) return MINNOW_OK;
    return add(list, &configs->special, minnow_named_token(configs, special_keys[which]), text, id, error);
}

static enum minnow_status read_added(struct minnow_token_list *list, const struct minnow_tokenizer_configs *configs,
                                     const cJSON *decoder, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (const cJSON *token = decoder ? decoder->child : NULL; token && status == MINNOW_OK; token = token->next)
        status = add_decoded(list, &configs->config, token, error);
    for (unsigned i = 0; i < SPECIALS && status == MINNOW_OK; ++i) status = add_special(list, configs, i, error);
    return status;
}

static enum minnow_status read_ids(const struct minnow_token_list *list, const struct minnow_tokenizer_configs *configs,
                                   struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    uint32_t *ids[] = {&tokenizer->unknown_id, &tokenizer->cls_id, &tokenizer->sep_id};
    enum minnow_status status = MINNOW_OK;
    for (unsigned i = 0; i < 3 && status == MINNOW_OK; ++i) {
        const char *text = minnow_named_token_text(configs, special_keys[i], special_texts[i]);
        status = minnow_token_require(list, tokenizer, special_keys[i], text, ids[i], error);
    }
    return status;
}

enum minnow_status minnow_tokenizer_read_vocab(const char *bytes, size_t size,
                                               const struct minnow_tokenizer_configs *configs,
                                               struct minnow_memory *memory, struct minnow_tokenizer *tokenizer,
                                               struct minnow_error *error) {
    const cJSON *decoder = minnow_json_get(configs->config.root, "added_tokens_decoder");
    struct minnow_token_list list;
    enum minnow_status status = read_settings(&configs->config, tokenizer, error);
    if (status == MINNOW_OK)
        status = read_lines(bytes, size, (size_t)cJSON_GetArraySize(decoder) + SPECIALS, memory, &list, error);
    if (status == MINNOW_OK) status = read_added(&list, configs, decoder, error);
    if (status == MINNOW_OK) status = minnow_token_list_build(&list, tokenizer, error);
    return status == MINNOW_OK ? read_ids(&list, configs, tokenizer, error) : status;
}
