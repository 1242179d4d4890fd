/* A small vocabulary out of a large one: the tokens that given texts use most, in their old order. What it lacks is
 * taken apart into what it has. */
#ifndef MINNOW_VOCABULARY_PRUNE_H
#define MINNOW_VOCABULARY_PRUNE_H

#include "convert/distill/vocabulary/token_counts.h"
#include "convert/memory.h"

struct minnow_pruned {
    struct minnow_tokenizer tokenizer; /* its tables lie in the memory below */
    uint32_t *kept;                    /* [tokenizer.vocabulary]: ids in the large vocabulary, ascending */
};

/* Special and added tokens are kept, and ColBERT's markers; so is every character that a counted token holds, and ASCII
 * letters and digits, at a word's beginning and inside, so that no text of those counted has more unknown words than
 * before. Then the most frequent, the lower id where two are equal; what texts never used fills the rest. `size` counts
 * all of them; fewer come out where the large vocabulary holds no more that can be used. WordPiece only. */
enum minnow_status minnow_vocabulary_prune(const struct minnow_token_counts *counts, uint32_t size,
                                           struct minnow_memory *memory, struct minnow_pruned *pruned,
                                           struct minnow_error *error);

#endif
