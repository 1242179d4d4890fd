/* Items of tasks that go through texts one by one: queries and what stands for them, then passages, as far as their
 * role is trained. */
#ifndef MINNOW_TRAINER_TEXT_ITEMS_H
#define MINNOW_TRAINER_TEXT_ITEMS_H

#include "convert/distill/trainer/trainer.h"

uint32_t minnow_text_items_count(const struct minnow_trainer *trainer);
uint32_t minnow_text_items_length(const struct minnow_trainer *trainer, uint32_t item); /* in tokens */

/* A batch's texts by role, numbers in its set. */
struct minnow_texts_by_role {
    uint32_t *texts[2], counts[2];
};
/* On the trainer's tape; false: out of memory. */
bool minnow_text_items_divide(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                              struct minnow_texts_by_role *roles);

#endif
