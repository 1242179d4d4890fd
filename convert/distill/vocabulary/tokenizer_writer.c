#include "convert/distill/vocabulary/tokenizer_writer.h"

#include "convert/output_file.h"
#include "runtime/tokenizer/parts.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What cJSON cannot allocate becomes NULL, and an object that lacks it: `failed` remembers. */
struct writer {
    const struct minnow_tokenizer *tokenizer;
    const char *folder;
    struct minnow_error *error;
    bool failed;
};

static cJSON *made(struct writer *writer, cJSON *item) {
    writer->failed |= !item;
    return item;
}

static void put(struct writer *writer, cJSON *object, const char *key, cJSON *item) {
    if (!made(writer, item)) return;
    if (cJSON_AddItemToObject(object, key, item)) return;
    writer->failed = true;
    cJSON_Delete(item);
}

static void append(struct writer *writer, cJSON *array, cJSON *item) {
    if (made(writer, item) && !cJSON_AddItemToArray(array, item)) writer->failed = true;
}

static void put_text(struct writer *writer, cJSON *object, const char *key, const char *text) {
    put(writer, object, key, cJSON_CreateString(text));
}

static void put_flag(struct writer *writer, cJSON *object, const char *key, bool flag) {
    put(writer, object, key, cJSON_CreateBool(flag));
}

static void put_number(struct writer *writer, cJSON *object, const char *key, uint32_t number) {
    put(writer, object, key, cJSON_CreateNumber(number));
}

static cJSON *object_of_type(struct writer *writer, const char *type) {
    cJSON *object = made(writer, cJSON_CreateObject());
    put_text(writer, object, "type", type);
    return object;
}

/* A token's text with a 0, to be freed; NULL: out of memory. */
static char *copy_token(struct writer *writer, uint32_t id) {
    struct minnow_token_text token = minnow_token_text(writer->tokenizer, id);
    char *copy = malloc(token.size + 1);
    writer->failed |= !copy;
    if (!copy) return NULL;
    memcpy(copy, token.bytes, token.size);
    copy[token.size] = 0;
    return copy;
}

static void put_token(struct writer *writer, cJSON *object, const char *key, uint32_t id) {
    char *text = copy_token(writer, id);
    if (text) put_text(writer, object, key, text);
    free(text);
}

static bool has_option(const struct writer *writer, uint32_t option) {
    return (writer->tokenizer->options & option) != 0;
}

/* ---- tokenizer.json ------------------------------------------------------------------------- */

static bool is_special(const struct minnow_tokenizer *t, uint32_t id) {
    return id == t->unknown_id || id == t->cls_id || id == t->sep_id || id == t->pad_id || id == t->mask_id;
}

static cJSON *added_tokens(struct writer *writer) {
    const struct minnow_tokenizer *tokenizer = writer->tokenizer;
    cJSON *list = made(writer, cJSON_CreateArray());
    for (uint32_t i = 0; i < tokenizer->added_count; i++) {
        const struct minnow_added_token *added = &tokenizer->added[i];
        cJSON *token = made(writer, cJSON_CreateObject());
        put_number(writer, token, "id", added->id);
        put_token(writer, token, "content", added->id);
        put_flag(writer, token, "single_word", added->single_word);
        put_flag(writer, token, "lstrip", added->left_strip);
        put_flag(writer, token, "rstrip", added->right_strip);
        put_flag(writer, token, "normalized", false);
        put_flag(writer, token, "special", is_special(tokenizer, added->id));
        append(writer, list, token);
    }
    return list;
}

static cJSON *normalizer(struct writer *writer) {
    cJSON *object = object_of_type(writer, "BertNormalizer");
    put_flag(writer, object, "clean_text", has_option(writer, MINNOW_TOKENIZER_CLEAN_TEXT));
    put_flag(writer, object, "handle_chinese_chars", has_option(writer, MINNOW_TOKENIZER_SPACE_CJK));
    put_flag(writer, object, "strip_accents", has_option(writer, MINNOW_TOKENIZER_STRIP_ACCENTS));
    put_flag(writer, object, "lowercase", has_option(writer, MINNOW_TOKENIZER_LOWERCASE));
    return object;
}

static cJSON *marker(struct writer *writer, uint32_t id) {
    cJSON *array = made(writer, cJSON_CreateArray());
    char *text = copy_token(writer, id);
    append(writer, array, cJSON_CreateString(text ? text : ""));
    append(writer, array, cJSON_CreateNumber(id));
    free(text);
    return array;
}

static cJSON *post_processor(struct writer *writer) {
    const struct minnow_tokenizer *tokenizer = writer->tokenizer;
    if (tokenizer->cls_id == MINNOW_NO_TOKEN || tokenizer->sep_id == MINNOW_NO_TOKEN) return cJSON_CreateNull();
    cJSON *object = object_of_type(writer, "BertProcessing");
    put(writer, object, "sep", marker(writer, tokenizer->sep_id));
    put(writer, object, "cls", marker(writer, tokenizer->cls_id));
    return object;
}

static cJSON *decoder(struct writer *writer) {
    cJSON *object = object_of_type(writer, "WordPiece");
    put_text(writer, object, "prefix", writer->tokenizer->continuation);
    put_flag(writer, object, "cleanup", true);
    return object;
}

static cJSON *model(struct writer *writer) {
    const struct minnow_tokenizer *tokenizer = writer->tokenizer;
    cJSON *object = object_of_type(writer, "WordPiece"), *vocabulary = made(writer, cJSON_CreateObject());
    put_token(writer, object, "unk_token", tokenizer->unknown_id);
    put_text(writer, object, "continuing_subword_prefix", tokenizer->continuation);
    put_number(writer, object, "max_input_chars_per_word", tokenizer->max_word_characters);
    for (uint32_t id = 0; id < tokenizer->vocabulary; id++) {
        char *text = copy_token(writer, id);
        if (text) put_number(writer, vocabulary, text, id);
        free(text);
    }
    put(writer, object, "vocab", vocabulary);
    return object;
}

static cJSON *tokenizer_json(struct writer *writer) {
    cJSON *root = made(writer, cJSON_CreateObject());
    put_text(writer, root, "version", "1.0");
    put(writer, root, "truncation", cJSON_CreateNull());
    put(writer, root, "padding", cJSON_CreateNull());
    put(writer, root, "added_tokens", added_tokens(writer));
    put(writer, root, "normalizer", normalizer(writer));
    put(writer, root, "pre_tokenizer", object_of_type(writer, "BertPreTokenizer"));
    put(writer, root, "post_processor", post_processor(writer));
    put(writer, root, "decoder", decoder(writer));
    put(writer, root, "model", model(writer));
    return root;
}

/* ---- The small ones ------------------------------------------------------------------------- */

static void put_special_tokens(struct writer *writer, cJSON *object) {
    const struct minnow_tokenizer *t = writer->tokenizer;
    const struct {
        const char *key;
        uint32_t id;
    } named[] = {{"unk_token", t->unknown_id}, {"sep_token", t->sep_id},   {"pad_token", t->pad_id},
                 {"cls_token", t->cls_id},     {"mask_token", t->mask_id}};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i].id != MINNOW_NO_TOKEN) put_token(writer, object, named[i].key, named[i].id);
}

static cJSON *special_tokens_map(struct writer *writer) {
    cJSON *root = made(writer, cJSON_CreateObject());
    put_special_tokens(writer, root);
    return root;
}

static cJSON *tokenizer_config(struct writer *writer, uint32_t max_tokens) {
    cJSON *root = special_tokens_map(writer);
    put_text(writer, root, "tokenizer_class", "BertTokenizer");
    put_flag(writer, root, "do_lower_case", has_option(writer, MINNOW_TOKENIZER_LOWERCASE));
    put_flag(writer, root, "strip_accents", has_option(writer, MINNOW_TOKENIZER_STRIP_ACCENTS));
    put_flag(writer, root, "tokenize_chinese_chars", has_option(writer, MINNOW_TOKENIZER_SPACE_CJK));
    put_number(writer, root, "model_max_length", max_tokens);
    return root;
}

/* ---- Files ---------------------------------------------------------------------------------- */

static enum minnow_status open_file(const struct writer *writer, const char *name, struct minnow_output_file **file) {
    char path[PATH_MAX];
    int used = snprintf(path, sizeof path, "%s/%s", writer->folder, name);
    if (used < 0 || (size_t)used >= sizeof path)
        return minnow_fail(writer->error, MINNOW_INVALID_ARGUMENT, "%.200s/%s: the path is longer than %zu bytes",
                           writer->folder, name, sizeof path - 1);
    return minnow_output_file_open(path, file, writer->error);
}

/* Takes `root`. */
static enum minnow_status write_json(struct writer *writer, const char *name, cJSON *root) {
    struct minnow_output_file *file;
    char *text = writer->failed ? NULL : cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    if (!text) return minnow_fail(writer->error, MINNOW_OUT_OF_MEMORY, "%.300s/%s", writer->folder, name);
    enum minnow_status status = open_file(writer, name, &file);
    if (!status) {
        status = minnow_output_file_write(file, text, strlen(text), writer->error);
        if (status)
            minnow_output_file_abandon(file);
        else
            status = minnow_output_file_commit(file, writer->error);
    }
    cJSON_free(text);
    return status;
}

static enum minnow_status write_vocabulary(struct writer *writer) {
    struct minnow_output_file *file;
    enum minnow_status status = open_file(writer, "vocab.txt", &file);
    if (status) return status;
    for (uint32_t id = 0; id < writer->tokenizer->vocabulary; id++) {
        struct minnow_token_text token = minnow_token_text(writer->tokenizer, id);
        fwrite(token.bytes, 1, token.size, minnow_output_file_stream(file));
        fputc('\n', minnow_output_file_stream(file));
    }
    return minnow_output_file_commit(file, writer->error);
}

/* A line of vocab.txt is one token. */
static enum minnow_status check(const struct writer *writer) {
    const struct minnow_tokenizer *tokenizer = writer->tokenizer;
    if (tokenizer->kind != MINNOW_TOKENIZER_WORDPIECE)
        return minnow_fail(writer->error, MINNOW_UNSUPPORTED, "%.300s: a tokenizer of whole words, expected WordPiece",
                           writer->folder);
    for (uint32_t id = 0; id < tokenizer->vocabulary; id++) {
        struct minnow_token_text token = minnow_token_text(tokenizer, id);
        if (memchr(token.bytes, '\n', token.size) || memchr(token.bytes, 0, token.size))
            return minnow_fail(writer->error, MINNOW_UNSUPPORTED,
                               "%.300s: token %u holds a line break or NUL, expected tokens of one line each",
                               writer->folder, id);
    }
    return MINNOW_OK;
}

enum minnow_status minnow_tokenizer_write(const char *folder, const struct minnow_tokenizer *tokenizer,
                                          uint32_t max_tokens, struct minnow_error *error) {
    struct writer writer = {.tokenizer = tokenizer, .folder = folder, .error = error};
    enum minnow_status status = check(&writer);
    if (!status) status = write_json(&writer, "tokenizer.json", tokenizer_json(&writer));
    if (!status) status = write_vocabulary(&writer);
    if (!status) status = write_json(&writer, "tokenizer_config.json", tokenizer_config(&writer, max_tokens));
    if (!status) status = write_json(&writer, "special_tokens_map.json", special_tokens_map(&writer));
    return status;
}
