/* Texts as a network sees them: the tokens of all of them in one list, no padding. */
#ifndef MINNOW_BATCH_H
#define MINNOW_BATCH_H

#include "runtime/pass.h"

/* A text's tokens are ids[span.first] to ids[span.first + span.count - 1]; positions as the role counts them. Spans
 * stand one behind the other, in order. The arrays are the caller's, and stay until the pass back is over. */
struct minnow_batch {
    const uint32_t *ids, *positions, *types; /* [token_count] */
    const struct minnow_span *spans;         /* [text_count] */
    size_t token_count, text_count;
};

#endif
