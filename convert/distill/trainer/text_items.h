/* Items of tasks that go through texts one by one: queries and what stands for them, then passages, as far as their
 * role is trained. */
#ifndef MINNOW_TRAINER_TEXT_ITEMS_H
#define MINNOW_TRAINER_TEXT_ITEMS_H

#include "convert/distill/trainer/trainer.h"

uint32_t minnow_text_items_count(const struct minnow_trainer *trainer);
uint32_t minnow_text_items_length(const struct minnow_trainer *trainer, uint32_t item); /* in tokens */

/* Some texts of a batch of `all`, of one role: numbers in its set. */
typedef enum minnow_status minnow_role_texts_fn(struct minnow_trainer *trainer, enum minnow_role role,
                                                const uint32_t *texts, uint32_t count, uint32_t all,
                                                struct minnow_measured *measured, struct minnow_error *error);
/* `run` a batch role by role. */
enum minnow_status minnow_text_items_run(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                         minnow_role_texts_fn *run, struct minnow_measured *measured,
                                         struct minnow_error *error);

#endif
