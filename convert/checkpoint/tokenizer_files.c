#include "convert/checkpoint/tokenizer_files.h"

#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/tokenizer_parts.h"
#include "runtime/tokenizer/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 64 << 20 };

/* ---- Files -------------------------------------------------------------------------------- */

/* Whether JSON text has the escape \u0000; a backslash that is itself escaped does not begin one. */
static bool escapes_nul(const char *bytes, size_t size) {
    for (size_t i = 0; i + 6 <= size; ++i) {
        if (bytes[i] != '\\') continue;
        if (memcmp(bytes + i, "\\u0000", 6) == 0) return true;
        ++i;
    }
    return false;
}

/* cJSON would pass invalid UTF-8 on, and end a string at a NUL. */
static enum minnow_status check_text(const char *name, const char *bytes, size_t size, struct minnow_error *error) {
    size_t valid = minnow_utf8_valid_prefix(bytes, size);
    if (valid != size)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: byte %zu is not valid UTF-8", name, valid);
    if (memchr(bytes, 0, size) || escapes_nul(bytes, size))
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: holds a NUL character, which no token may", name);
    return MINNOW_OK;
}

enum minnow_status minnow_tokenizer_open_text(const char *folder, const char *name, char **bytes, size_t *size,
                                              struct minnow_error *error) {
    enum minnow_status status = minnow_text_file_read(folder, name, FILE_LIMIT, bytes, size, error);
    if (status != MINNOW_OK || !*bytes) return status;
    status = check_text(name, *bytes, *size, error);
    if (status == MINNOW_OK) return MINNOW_OK;
    free(*bytes);
    *bytes = NULL;
    return status;
}

enum minnow_status minnow_tokenizer_open_json(const char *folder, const char *name, struct minnow_json_file *file,
                                              struct minnow_error *error) {
    *file = (struct minnow_json_file){.name = name};
    char *bytes;
    size_t size;
    enum minnow_status status = minnow_tokenizer_open_text(folder, name, &bytes, &size, error);
    if (status != MINNOW_OK || !bytes) return status;
    status = minnow_json_parse(name, bytes, size, &file->root, error);
    free(bytes);
    if (status != MINNOW_OK || cJSON_IsObject(file->root)) return status;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: found %s, expected an object", name,
                       minnow_json_found(file->root).text);
}

bool minnow_next_line(const char **at, const char *end, struct minnow_text *line) {
    if (*at == end) return false;
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    *line = (struct minnow_text){*at, (size_t)((stop ? stop : end) - *at)};
    if (line->size > 0 && line->bytes[line->size - 1] == '\r') --line->size;
    *at = stop ? stop + 1 : end;
    return true;
}

/* ---- Tokens that other files name --------------------------------------------------------- */

const cJSON *minnow_named_token(const struct minnow_tokenizer_configs *configs, const char *key) {
    const cJSON *named = minnow_json_get(configs->config.root, key);
    return named ? named : minnow_json_get(configs->special.root, key);
}

const char *minnow_named_token_text(const struct minnow_tokenizer_configs *configs, const char *key,
                                    const char *otherwise) {
    const cJSON *named = minnow_named_token(configs, key);
    if (cJSON_IsObject(named)) named = minnow_json_get(named, "content");
    return cJSON_IsString(named) ? named->valuestring : otherwise;
}

/* ---- The folder --------------------------------------------------------------------------- */

static enum minnow_status read_vocab(const char *folder, const struct minnow_tokenizer_configs *configs,
                                     struct minnow_memory *memory, struct minnow_tokenizer *tokenizer,
                                     struct minnow_error *error) {
    char *bytes;
    size_t size;
    enum minnow_status status = minnow_tokenizer_open_text(folder, "vocab.txt", &bytes, &size, error);
    if (status != MINNOW_OK) return status;
    if (!bytes)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%.200s: found neither tokenizer.json nor vocab.txt", folder);
    status = minnow_tokenizer_read_vocab(bytes, size, configs, memory, tokenizer, error);
    free(bytes);
    return status;
}

static enum minnow_status read_tables(const char *folder, const struct minnow_json_file *file,
                                      const struct minnow_tokenizer_configs *configs, struct minnow_memory *memory,
                                      struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    enum minnow_status status = file->root ? minnow_tokenizer_read_json(file, memory, tokenizer, error)
                                           : read_vocab(folder, configs, memory, tokenizer, error);
    if (status != MINNOW_OK) return status;
    tokenizer->pad_id = minnow_token_id(tokenizer, minnow_named_token_text(configs, "pad_token", "[PAD]"));
    tokenizer->mask_id = minnow_token_id(tokenizer, minnow_named_token_text(configs, "mask_token", "[MASK]"));
    status = minnow_tokenizer_check(tokenizer, error);
    const char *name = file->root ? file->name : "vocab.txt";
    return status == MINNOW_OK ? status : minnow_fail_within(error, MINNOW_BAD_CHECKPOINT, "%s", name);
}

enum minnow_status minnow_tokenizer_read(const char *folder, struct minnow_memory *memory,
                                         struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    struct minnow_json_file file = {0};
    struct minnow_tokenizer_configs configs = {{0}, {0}};
    memset(tokenizer, 0, sizeof *tokenizer);
    struct minnow_json_file *config = &configs.config, *special = &configs.special;
    enum minnow_status status = minnow_tokenizer_open_json(folder, "tokenizer.json", &file, error);
    if (status == MINNOW_OK) status = minnow_tokenizer_open_json(folder, "tokenizer_config.json", config, error);
    if (status == MINNOW_OK) status = minnow_tokenizer_open_json(folder, "special_tokens_map.json", special, error);
    if (status == MINNOW_OK) status = read_tables(folder, &file, &configs, memory, tokenizer, error);
    minnow_json_close(&file);
    minnow_json_close(&configs.config);
    minnow_json_close(&configs.special);
    return status;
}
