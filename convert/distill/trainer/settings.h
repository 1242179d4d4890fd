/* The options of a run with every default in its place. */
#ifndef MINNOW_TRAINER_SETTINGS_H
#define MINNOW_TRAINER_SETTINGS_H

#include "convert/distill/trainer/loss_table.h"
#include "minnow_distill.h"

/* Ranges, and what depends on nothing else. MINNOW_INVALID_ARGUMENT names the option. */
enum minnow_status minnow_settings_check(const struct minnow_distill_options *given,
                                         struct minnow_distill_options *options, struct minnow_error *error);
/* What depends on the student's similarity and on the losses. */
void minnow_settings_complete(struct minnow_distill_options *options, const struct minnow_loss_list *losses,
                              enum minnow_similarity similarity);

#endif
