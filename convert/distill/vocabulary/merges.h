/* Symbols that come together often become one, again and again: byte-pair encoding over counted words (Sennrich et al.,
 * arXiv 1508.07909), by which Hugging Face's WordPieceTrainer makes its vocabularies. */
#ifndef MINNOW_VOCABULARY_MERGES_H
#define MINNOW_VOCABULARY_MERGES_H

#include "convert/distill/data/text_set.h"

/* Counted words as symbols, which are numbers of texts in a set. */
struct minnow_symbol_words {
    uint32_t *symbols;      /* of all words; changed by merging */
    size_t *firsts;         /* [count]: where each word's begin */
    uint32_t *lengths;      /* [count] */
    const uint64_t *counts; /* [count] */
    uint32_t count;
};

/* Merge until the set holds `size` texts or no two symbols come together any more: the pair that comes most often
 * first, of equal ones that of the lower symbols. A merged symbol's text is both parts', the right one's without its
 * `continuation`. */
enum minnow_status minnow_vocabulary_merge(struct minnow_symbol_words *words, const char *continuation, uint32_t size,
                                           struct minnow_text_set *texts, struct minnow_error *error);

#endif
