/* Pairs for a joint route that begins with rows: the query's, then the document's. The route's last rows, one number a
 * pair, are the scores. (Where the joint route takes tokens, its batch is made of pairs, and needs none of this.) */
#ifndef MINNOW_JOINED_H
#define MINNOW_JOINED_H

#include "convert/distill/heads/scoring.h"

struct minnow_joined {
    const struct minnow_vectors *queries, *documents;
    const struct minnow_text_pair *pairs; /* [count] */
    size_t count;
};

/* The trace begins with the pairs' rows, which lie on `tape`; false: out of memory. */
bool minnow_joined_begin(const struct minnow_joined *joined, struct minnow_tape *tape, struct minnow_trace *trace);
/* After the trace has gone back: adds its gradient to those of a role's texts in a range (see scoring.h). */
void minnow_joined_back(const struct minnow_joined *joined, const struct minnow_trace *trace, enum minnow_role role,
                        struct minnow_range texts);

#endif
