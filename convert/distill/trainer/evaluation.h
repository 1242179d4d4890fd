/* nDCG@10 of the student as it is, on a test collection. */
#ifndef MINNOW_TRAINER_EVALUATION_H
#define MINNOW_TRAINER_EVALUATION_H

#include "convert/distill/trainer/trainer.h"

struct minnow_evaluation;

/* Of the folder options.evaluate. Where documents stay the teacher's, they are encoded here, once. */
enum minnow_status minnow_evaluation_open(struct minnow_trainer *trainer, struct minnow_evaluation **evaluation,
                                          struct minnow_error *error);
void minnow_evaluation_close(struct minnow_evaluation *evaluation); /* NULL is allowed */
enum minnow_status minnow_evaluation_measure(const struct minnow_evaluation *evaluation, double *ndcg_at_10,
                                             struct minnow_error *error);

#endif
