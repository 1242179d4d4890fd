/* A query, its relevant passage, another one, and the teacher's scores of both. */
#ifndef MINNOW_TRAINER_TRIPLES_H
#define MINNOW_TRAINER_TRIPLES_H

#include "convert/distill/trainer/data_folder.h"
#include "convert/distill/trainer/trainer.h"

/* data->triples of the score files, if there are any and a loss looks at pairs: `teacher_scores` ("FILE,..."), or NULL:
 * the data's own. Their texts are added to the data, before anything is made of those. Once: a second call finds them
 * there. */
enum minnow_status minnow_triples_read(struct minnow_data_folder *data, const struct minnow_loss_list *losses,
                                       const char *teacher_scores, struct minnow_error *error);
/* Or else each labelled pair with its mined negatives (one where none are asked for), scored by the teacher where a
 * loss needs that: a cosine teacher's scores are divided by its temperature. */
enum minnow_status minnow_triples_mine(struct minnow_trainer *trainer, struct minnow_error *error);

#endif
