/* Passages that are hard to tell from a query's own: those that the teacher ranks highest among the others. */
#ifndef MINNOW_TRAINER_NEGATIVES_H
#define MINNOW_TRAINER_NEGATIVES_H

#include "convert/distill/trainer/trainer.h"

/* trainer->negatives: `count` of each labelled pair, none of them labelled for its query. Where the teacher makes no
 * vectors, or has no more to offer, they are drawn at random. Once: a second call finds them there. */
enum minnow_status minnow_negatives_mine(struct minnow_trainer *trainer, uint32_t count, struct minnow_error *error);

#endif
