/* A run in a file, OUTPUT.run/state, from which it goes on to the same bits: where it stands, its records, and the
 * optimizer's state with the weights. There is one as long as the run is not over. */
#ifndef MINNOW_TRAINER_STATE_H
#define MINNOW_TRAINER_STATE_H

#include "convert/distill/trainer/run.h"

/* What must be equal for a run to go on: options, losses, data, teacher, and the student's first weights. Sets
 * run->key; before the first step. */
void minnow_state_make_key(struct minnow_run *run);

bool minnow_state_is_there(const struct minnow_run *run);
/* total_steps alone, which the optimizer is made for. MINNOW_INVALID_ARGUMENT: another run's. */
enum minnow_status minnow_state_read_total(struct minnow_run *run, struct minnow_error *error);
enum minnow_status minnow_state_load(struct minnow_run *run, struct minnow_error *error);
/* Appears whole or not at all; what was saved before stays until then. */
enum minnow_status minnow_state_save(const struct minnow_run *run, struct minnow_error *error);
void minnow_state_remove(const struct minnow_run *run);

/* What steps change: exact weights and what the optimizers keep, the grid of rounded ones. */
enum minnow_status minnow_state_put_weights(const struct minnow_trainer *trainer, FILE *file,
                                            struct minnow_error *error);
enum minnow_status minnow_state_take_weights(const struct minnow_trainer *trainer, FILE *file,
                                             struct minnow_error *error);

#endif
