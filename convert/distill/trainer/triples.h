/* A query, its relevant passage, another one, and the teacher's scores of both. */
#ifndef MINNOW_TRAINER_TRIPLES_H
#define MINNOW_TRAINER_TRIPLES_H

#include "convert/distill/trainer/trainer.h"

/* Of the score files, if there are any: their texts are added to the data, before anything is made of those. */
enum minnow_status minnow_triples_read(struct minnow_trainer *trainer, struct minnow_error *error);
/* Or else each labelled pair with its mined negatives (one where none are asked for), scored by the teacher where a
 * loss needs that: a cosine teacher's scores are divided by its temperature. */
enum minnow_status minnow_triples_mine(struct minnow_trainer *trainer, struct minnow_error *error);

#endif
