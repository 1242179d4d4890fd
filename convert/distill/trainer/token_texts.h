/* The tokens of many texts, made once, and batches of them. */
#ifndef MINNOW_TRAINER_TOKEN_TEXTS_H
#define MINNOW_TRAINER_TOKEN_TEXTS_H

#include "convert/distill/batch.h"
#include "convert/distill/data/text_set.h"
#include "convert/distill/tape.h"
#include "convert/progress.h"

/* Zero it to begin. */
struct minnow_token_texts {
    const struct minnow_contents *contents; /* whose tokens these are */
    enum minnow_role role;
    bool plain;     /* without what stands around them, to be joined to others */
    uint32_t *ids;  /* of all texts, one behind the other */
    size_t *first;  /* [count + 1] */
    uint32_t *seen; /* [count]: the first tokens, which the others attend to */
    uint32_t count;
    size_t room;
    uint64_t truncated; /* texts that were longer than the role's limit */
};

/* Tokens of all texts of a set, as a role of the contents takes them; plain where the joint route takes tokens. Free
 * it after a failure too. */
enum minnow_status minnow_token_texts_make(const struct minnow_contents *contents, enum minnow_role role,
                                           const struct minnow_text_set *texts,
                                           const struct minnow_progress *progress, struct minnow_token_texts *tokens,
                                           struct minnow_error *error);
void minnow_token_texts_free(struct minnow_token_texts *tokens);

static inline uint32_t minnow_token_texts_length(const struct minnow_token_texts *tokens, uint32_t text) {
    return (uint32_t)(tokens->first[text + 1] - tokens->first[text]);
}

/* A batch of some of them, in this order, on `tape`; false: out of memory. */
bool minnow_token_texts_batch(const struct minnow_token_texts *tokens, const uint32_t *texts, uint32_t count,
                              struct minnow_tape *tape, struct minnow_batch *batch);

/* Pairs for a joint route that takes tokens, cut as the runtime cuts them. queries and documents: [count], plain. */
bool minnow_token_texts_join(const struct minnow_token_texts *query_tokens, const uint32_t *queries,
                             const struct minnow_token_texts *document_tokens, const uint32_t *documents,
                             uint32_t count, struct minnow_tape *tape, struct minnow_batch *batch);

#endif
