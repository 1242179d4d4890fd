/* How often texts use each token of a vocabulary. */
#ifndef MINNOW_TOKEN_COUNTS_H
#define MINNOW_TOKEN_COUNTS_H

#include "runtime/tokenizer/tokenizer.h"

struct minnow_token_counts {
    const struct minnow_tokenizer *tokenizer;
    uint64_t *counts; /* [tokenizer->vocabulary] */
    uint64_t total;
    uint32_t *ids; /* room for those of one text */
    size_t room;
};

enum minnow_status minnow_token_counts_begin(const struct minnow_tokenizer *tokenizer,
                                             struct minnow_token_counts *counts, struct minnow_error *error);
/* The text as a whole, without special tokens around it. */
enum minnow_status minnow_token_counts_add(struct minnow_token_counts *counts, struct minnow_text text,
                                           struct minnow_error *error);
void minnow_token_counts_free(struct minnow_token_counts *counts);

#endif
