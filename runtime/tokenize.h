/* A text as the layers of a role see it. */
#ifndef MINNOW_TOKENIZE_H
#define MINNOW_TOKENIZE_H

#include "runtime/model/model.h"

struct minnow_tokens {
    uint32_t count; /* special tokens and [MASK] included */
    uint32_t seen;  /* the first ones, which the others attend to */
    bool truncated; /* the text had more */
};

/* What the role's input makes of `text`, at most its max_tokens; `ids` has room for that many. Allocates nothing. */
struct minnow_tokens minnow_tokenize_for_role(const struct minnow_contents *contents, enum minnow_role role,
                                              struct minnow_text text, uint32_t *ids);

/* Tokens of prompt and text alone, of a role whose texts are joined to others: at most what its max_tokens leaves. */
struct minnow_tokens minnow_tokenize_plain(const struct minnow_contents *contents, enum minnow_role role,
                                           struct minnow_text text, uint32_t *ids);

/* Plain tokens of a query and of a document that are cut to be joined to at most `most` tokens: the longer one first, as
 * Hugging Face's "longest_first" does. */
struct minnow_pair {
    uint32_t query, document;
};
struct minnow_pair minnow_cut_pair(const struct minnow_contents *contents, struct minnow_pair plain, uint32_t most);

/* Special tokens of an input, [MASK] included where their number is fixed. */
uint32_t minnow_special_tokens(const struct minnow_input *input);

#endif
