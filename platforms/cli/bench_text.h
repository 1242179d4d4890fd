/* Texts of an exact number of tokens, made of the model's own words. */
#ifndef MINNOW_CLI_BENCH_TEXT_H
#define MINNOW_CLI_BENCH_TEXT_H

#include "minnow.h"

struct minnow_words {
    struct minnow_text *items; /* each is one token alone and beside others */
    size_t count;
    size_t frame; /* tokens that the model adds: specials and prompt */
};

/* Special ones included, however many. */
size_t minnow_count_tokens(const struct minnow_model *model, enum minnow_role role, struct minnow_text text);

enum minnow_status minnow_words_find(const struct minnow_model *model, enum minnow_role role,
                                     struct minnow_words *words, struct minnow_error *error);
void minnow_words_free(struct minnow_words *words);

/* `tokens` in all, the frame included (at least frame tokens). *text is malloc'ed; `seed` varies it. */
enum minnow_status minnow_words_make_text(const struct minnow_words *words, size_t tokens, uint64_t seed,
                                          struct minnow_text *text, struct minnow_error *error);

#endif
