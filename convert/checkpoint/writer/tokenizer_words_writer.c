#include "convert/checkpoint/writer/tokenizer_words_writer.h"

#include "convert/checkpoint/text_file.h"
#include "convert/output_file.h"
#include "runtime/tokenizer/parts.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static enum minnow_status open_file(const char *folder, const char *name, struct minnow_output_file **file,
                                    struct minnow_error *error) {
    char path[MINNOW_PATH_BYTES];
    enum minnow_status status = minnow_join_path(folder, name, path, error);
    return status ? status : minnow_output_file_open(path, file, error);
}

/* ---- sentence-transformers' ---------------------------------------------------------------- */

static cJSON *make_text(const struct minnow_tokenizer *tokenizer, uint32_t id) {
    struct minnow_token_text token = minnow_token_text(tokenizer, id);
    char *text = strndup(token.bytes, token.size);
    cJSON *string = text ? cJSON_CreateString(text) : NULL;
    free(text);
    return string;
}

static bool add_texts(cJSON *root, const char *key, const struct minnow_tokenizer *tokenizer, uint32_t first,
                      uint32_t count) {
    cJSON *array = cJSON_AddArrayToObject(root, key);
    bool fine = array != NULL;
    for (uint32_t i = 0; i < count && fine; i++) {
        cJSON *text = make_text(tokenizer, first + i);
        fine = text && cJSON_AddItemToArray(array, text);
        if (!fine) cJSON_Delete(text);
    }
    return fine;
}

/* NULL: out of memory. */
static char *print_whitespace(const struct minnow_tokenizer *tokenizer) {
    bool lowercase = (tokenizer->options & MINNOW_TOKENIZER_LOWERCASE) != 0;
    cJSON *root = cJSON_CreateObject();
    bool fine = root && add_texts(root, "vocab", tokenizer, 0, tokenizer->vocabulary) &&
                add_texts(root, "stop_words", tokenizer, tokenizer->vocabulary, tokenizer->stop_words) &&
                cJSON_AddBoolToObject(root, "do_lower_case", lowercase);
    char *text = fine ? cJSON_PrintUnformatted(root) : NULL;
    cJSON_Delete(root);
    return text;
}

static enum minnow_status write_whitespace(const char *folder, const struct minnow_tokenizer *tokenizer,
                                           struct minnow_error *error) {
    struct minnow_output_file *file;
    char *text = print_whitespace(tokenizer);
    if (!text) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%.200s: no memory for its words", folder);
    enum minnow_status status = open_file(folder, "whitespacetokenizer_config.json", &file, error);
    if (!status) fputs(text, minnow_output_file_stream(file));
    cJSON_free(text);
    return status ? status : minnow_output_file_commit(file, error);
}

/* ---- AllenNLP's ---------------------------------------------------------------------------- */

static enum minnow_status write_lines(const char *folder, const struct minnow_tokenizer *tokenizer,
                                      struct minnow_error *error) {
    struct minnow_output_file *file;
    enum minnow_status status = open_file(folder, "tokens.txt", &file, error);
    if (status) return status;
    for (uint32_t id = 1; id < tokenizer->vocabulary; id++) {
        struct minnow_token_text token = minnow_token_text(tokenizer, id);
        fwrite(token.bytes, 1, token.size, minnow_output_file_stream(file));
        fputc('\n', minnow_output_file_stream(file));
    }
    return minnow_output_file_commit(file, error);
}

enum minnow_status minnow_tokenizer_write_words(const char *folder, const struct minnow_tokenizer *tokenizer,
                                                struct minnow_error *error) {
    if (tokenizer->kind == MINNOW_TOKENIZER_WHITESPACE) return write_whitespace(folder, tokenizer, error);
    return write_lines(folder, tokenizer, error);
}
