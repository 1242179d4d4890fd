#include "convert/checkpoint/tokenizer_files.h"
#include "convert/checkpoint/tokenizer_parts.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_WORD = 256 };

static void set_no_tokens(struct minnow_tokenizer *tokenizer) {
    tokenizer->unknown_id = tokenizer->cls_id = tokenizer->sep_id = MINNOW_NO_TOKEN;
    tokenizer->pad_id = tokenizer->mask_id = MINNOW_NO_TOKEN;
    tokenizer->max_word_characters = LONGEST_WORD;
    tokenizer->continuation = "";
}

static enum minnow_status check(const struct minnow_tokenizer *tokenizer, const char *name,
                                struct minnow_error *error) {
    enum minnow_status status = minnow_tokenizer_check(tokenizer, error);
    return status == MINNOW_OK ? status : minnow_fail_within(error, MINNOW_BAD_CHECKPOINT, "%s", name);
}

/* ---- sentence-transformers' WhitespaceTokenizer ------------------------------------------- */

static int compare_texts(const void *a, const void *b) {
    const struct minnow_text *x = a, *y = b;
    int order = memcmp(x->bytes, y->bytes, x->size < y->size ? x->size : y->size);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

/* Both are sets in Python: their order in the file means nothing. */
static uint32_t sort_unique(struct minnow_text *texts, uint32_t count) {
    uint32_t kept = 0;
    if (count) qsort(texts, count, sizeof *texts, compare_texts);
    for (uint32_t i = 0; i < count; ++i)
        if (i == 0 || compare_texts(&texts[kept - 1], &texts[i]) != 0) texts[kept++] = texts[i];
    return kept;
}

/* An array of strings; NULL for an absent one. */
static enum minnow_status check_array(const struct minnow_json_file *file, const char *key, const cJSON *array,
                                      struct minnow_error *error) {
    const cJSON *odd = array;
    if (!array || cJSON_IsArray(array)) {
        for (odd = array ? array->child : NULL; odd && cJSON_IsString(odd); odd = odd->next) continue;
        if (!odd) return MINNOW_OK;
    }
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: found %s, expected an array of strings", file->name, key,
                       minnow_json_found(odd).text);
}

static uint32_t copy_strings(const cJSON *array, struct minnow_text *texts) {
    uint32_t count = 0;
    for (const cJSON *entry = array ? array->child : NULL; entry; entry = entry->next)
        texts[count++] = (struct minnow_text){entry->valuestring, strlen(entry->valuestring)};
    return count;
}

static enum minnow_status read_whitespace(const struct minnow_json_file *file, struct minnow_memory *memory,
                                          struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    const cJSON *words = minnow_json_get(file->root, "vocab"), *stop_words = minnow_json_get(file->root, "stop_words");
    struct minnow_token_list list;
    bool lowercase = false;
    enum minnow_status status = check_array(file, "vocab", words, error);
    if (status == MINNOW_OK) status = check_array(file, "stop_words", stop_words, error);
    if (status == MINNOW_OK) status = minnow_json_bool(file, file->root, "do_lower_case", &lowercase, error);
    if (status == MINNOW_OK)
        status = minnow_token_list_create(memory, file->name, (size_t)cJSON_GetArraySize(words),
                                          (size_t)cJSON_GetArraySize(stop_words), &list, error);
    if (status != MINNOW_OK) return status;
    copy_strings(words, list.texts);
    list.stop_words = sort_unique(list.texts + list.count, copy_strings(stop_words, list.texts + list.count));
    set_no_tokens(tokenizer);
    tokenizer->kind = MINNOW_TOKENIZER_WHITESPACE;
    tokenizer->options = lowercase ? MINNOW_TOKENIZER_LOWERCASE : 0;
    status = minnow_token_list_build(&list, tokenizer, error);
    return status == MINNOW_OK ? check(tokenizer, file->name, error) : status;
}

enum minnow_status minnow_tokenizer_read_whitespace(const char *folder, struct minnow_memory *memory,
                                                    struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    struct minnow_json_file file;
    memset(tokenizer, 0, sizeof *tokenizer);
    enum minnow_status status = minnow_tokenizer_open_json(folder, "whitespacetokenizer_config.json", &file, error);
    if (status == MINNOW_OK && !file.root)
        status = minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: missing, expected the words of the table", file.name);
    if (status == MINNOW_OK) status = read_whitespace(&file, memory, tokenizer, error);
    minnow_json_close(&file);
    return status;
}

/* ---- AllenNLP's vocabulary ---------------------------------------------------------------- */

/* Row 0 of the table is the padding's, which is no line. */
static enum minnow_status read_words(const char *bytes, size_t size, struct minnow_memory *memory,
                                     struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    static const char padding[] = "@@PADDING@@";
    struct minnow_token_list list;
    struct minnow_text line;
    const char *at = bytes, *end = bytes + size;
    size_t count = 1;
    while (minnow_next_line(&at, end, &line)) ++count;
    enum minnow_status status = minnow_token_list_create(memory, "tokens.txt", count, 0, &list, error);
    if (status != MINNOW_OK) return status;
    list.texts[0] = (struct minnow_text){padding, sizeof padding - 1};
    at = bytes;
    for (uint32_t id = 1; minnow_next_line(&at, end, &line); ++id) list.texts[id] = line;
    set_no_tokens(tokenizer);
    tokenizer->kind = MINNOW_TOKENIZER_WORDS;
    tokenizer->options = MINNOW_TOKENIZER_LOWERCASE;
    status = minnow_token_list_build(&list, tokenizer, error);
    if (status == MINNOW_OK)
        status = minnow_token_require(&list, tokenizer, "the word for those unknown", "@@UNKNOWN@@",
                                      &tokenizer->unknown_id, error);
    return status == MINNOW_OK ? check(tokenizer, list.name, error) : status;
}

enum minnow_status minnow_tokenizer_read_allennlp(const char *folder, struct minnow_memory *memory,
                                                  struct minnow_tokenizer *tokenizer, struct minnow_error *error) {
    char *bytes;
    size_t size;
    memset(tokenizer, 0, sizeof *tokenizer);
    enum minnow_status status = minnow_tokenizer_open_text(folder, "tokens.txt", &bytes, &size, error);
    if (status != MINNOW_OK) return status;
    if (!bytes)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%.200s: has no tokens.txt, expected the words of the table",
                           folder);
    status = read_words(bytes, size, memory, tokenizer, error);
    free(bytes);
    return status;
}
