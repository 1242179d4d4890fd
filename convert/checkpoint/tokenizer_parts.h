/* What the tokenizer's readers share. Internal:
 *   tokenizer_files.c   which files there are, and the tokens that other files name
 *   tokenizer_json.c    tokenizer.json
 *   tokenizer_vocab.c   vocab.txt
 *   tokenizer_words.c   lists of whole words
 *   tokenizer_tables.c  tokens to the runtime's tables */
#ifndef MINNOW_TOKENIZER_PARTS_OF_FILES_H
#define MINNOW_TOKENIZER_PARTS_OF_FILES_H

#include "convert/checkpoint/json_file.h"
#include "convert/memory.h"
#include "runtime/tokenizer/tokenizer.h"

/* ---- tokenizer_files.c -------------------------------------------------------------------- */

/* A JSON file whose strings may become tokens: an object of valid UTF-8 without NUL, or none (root NULL). */
enum minnow_status minnow_tokenizer_open_json(const char *folder, const char *name, struct minnow_json_file *file,
                                              struct minnow_error *error);
/* A text file as the same; *bytes is freed with free(), NULL where there is no such file. */
enum minnow_status minnow_tokenizer_open_text(const char *folder, const char *name, char **bytes, size_t *size,
                                              struct minnow_error *error);

/* The line at *at, which moves on, without its \n or \r\n; false past the last one. */
bool minnow_next_line(const char **at, const char *end, struct minnow_text *line);

/* tokenizer_config.json and special_tokens_map.json; root is NULL where one is missing. */
struct minnow_tokenizer_configs {
    struct minnow_json_file config, special;
};

/* The object or string that names a special token ("pad_token"), NULL where nothing does. */
const cJSON *minnow_named_token(const struct minnow_tokenizer_configs *configs, const char *key);
/* Its text: a string, or the "content" of an object; `otherwise` where nothing names it. */
const char *minnow_named_token_text(const struct minnow_tokenizer_configs *configs, const char *key,
                                    const char *otherwise);

/* ---- tokenizer_tables.c ------------------------------------------------------------------- */

/* Tokens by id while they are read. The first `model` are the WordPiece model's; those behind are added tokens,
 * which a word's pieces never are, and behind all tokens are stop words. Texts are borrowed until
 * minnow_token_list_build. */
struct minnow_token_list {
    struct minnow_memory *memory;
    const char *name; /* for errors: the file they come from */
    struct minnow_text *texts;
    struct minnow_added_token *added;
    uint32_t model, count, stop_words, added_count, capacity;
};

enum minnow_status minnow_token_list_create(struct minnow_memory *memory, const char *name, size_t model, size_t added,
                                            struct minnow_token_list *list, struct minnow_error *error);

/* Text, offsets, slots and added tokens. An error where two ids have one text, unless it is a stop word's too. */
enum minnow_status minnow_token_list_build(const struct minnow_token_list *list, struct minnow_tokenizer *tokenizer,
                                           struct minnow_error *error);

/* Id of a token of the model or of an added one, by text. For built tables. */
uint32_t minnow_token_id(const struct minnow_tokenizer *tokenizer, const char *text);
/* The same, where its absence is an error that names `key`. */
enum minnow_status minnow_token_require(const struct minnow_token_list *list, const struct minnow_tokenizer *tokenizer,
                                        const char *key, const char *text, uint32_t *id, struct minnow_error *error);

/* ---- The two readers: all but pad_id and mask_id ------------------------------------------ */

enum minnow_status minnow_tokenizer_read_json(const struct minnow_json_file *file, struct minnow_memory *memory,
                                              struct minnow_tokenizer *tokenizer, struct minnow_error *error);
enum minnow_status minnow_tokenizer_read_vocab(const char *bytes, size_t size,
                                               const struct minnow_tokenizer_configs *configs,
                                               struct minnow_memory *memory, struct minnow_tokenizer *tokenizer,
                                               struct minnow_error *error);

#endif
