/* Texts like queries, out of passages (queries/draw.h): what a loss without labels learns from beside the real queries
 * (EmbedDistill, arXiv 2301.12005, generates queries for the same end). */
#ifndef MINNOW_TRAINER_CROPS_H
#define MINNOW_TRAINER_CROPS_H

#include "convert/distill/data/training_pairs.h"
#include "convert/progress.h"

/* Add `each` of every passage to the queries, and passages that are themselves as short as one, each with its passage
 * as a pair. The same seed gives the same texts. */
enum minnow_status minnow_crops_add(struct minnow_training_pairs *texts, uint32_t each, uint64_t seed,
                                    const struct minnow_progress *progress, struct minnow_error *error);

#endif
