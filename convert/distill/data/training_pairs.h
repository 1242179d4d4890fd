/* Queries with a passage that answers each, from JSONL: {"query": "..", "passage": ".."} a line. */
#ifndef MINNOW_TRAINING_PAIRS_H
#define MINNOW_TRAINING_PAIRS_H

#include "convert/distill/data/text_set.h"

struct minnow_training_pair {
    uint32_t query, passage; /* numbers in the sets below */
};

/* Zero it to begin. Each text is kept once, however often it comes. */
struct minnow_training_pairs {
    struct minnow_text_set queries, passages;
    struct minnow_training_pair *items;
    size_t count, capacity;
};

/* Add the pairs of a file; blank lines and other members are skipped. Errors name file and line; what was read before
 * stays. */
enum minnow_status minnow_training_pairs_read(const char *path, struct minnow_training_pairs *pairs,
                                              struct minnow_error *error);
/* Numbers of texts that are there. */
enum minnow_status minnow_training_pairs_add(struct minnow_training_pairs *pairs, struct minnow_training_pair pair,
                                             struct minnow_error *error);
void minnow_training_pairs_free(struct minnow_training_pairs *pairs); /* and zeroes it */

#endif
