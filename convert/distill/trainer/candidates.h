/* Passages that compete for each query of a batch. */
#ifndef MINNOW_TRAINER_CANDIDATES_H
#define MINNOW_TRAINER_CANDIDATES_H

#include "convert/distill/trainer/student_scores.h"

struct minnow_candidates {
    struct minnow_texts_to_score texts; /* queries, all different passages, and pairs of them, list beside list */
    struct minnow_score_lists lists;
    const uint32_t *positives; /* by query: the place of its passage in its list */
};

/* Negatives, and what collecting needs. Items are the data's pairs. own: each query has candidates of its own. */
enum minnow_status minnow_candidates_prepare(struct minnow_trainer *trainer, bool own, struct minnow_error *error);

/* Of some items, on the trainer's tape; false: out of memory. */
bool minnow_candidates_collect(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count, bool own,
                               struct minnow_candidates *candidates);

/* Tokens of an item that the student sees, negatives not counted. */
uint32_t minnow_candidates_length(const struct minnow_trainer *trainer, uint32_t item);

#endif
