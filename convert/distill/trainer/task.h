/* Kinds of steps. Each goes from some of its items to the losses that look at what it makes: one file a kind. */
#ifndef MINNOW_TRAINER_TASK_H
#define MINNOW_TRAINER_TASK_H

#include "convert/distill/trainer/trainer.h"

struct minnow_task_class {
    const char *items; /* what they are called in messages */
    /* What the task needs of the teacher and of the student's tokens; sets task->item_count. */
    enum minnow_status (*prepare)(struct minnow_trainer *trainer, struct minnow_task *task, struct minnow_error *error);
    uint32_t (*length)(const struct minnow_trainer *trainer, uint32_t item); /* in tokens */
    /* Forward, losses into `measured` (those that look at this), and their weighted gradients: the team can go back.
     * What is only measured ends here: nothing is left in the workers' gradients, which wait for the optimizer. */
    enum minnow_status (*forward)(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                  struct minnow_measured *measured, struct minnow_error *error);
    /* Gradients of numbers that are in no layer, to worker 0's, in a step; NULL: there are none. */
    void (*back)(struct minnow_trainer *trainer);
};

extern const struct minnow_task_class minnow_vectors_task, minnow_dual_vectors_task, minnow_lists_task,
    minnow_pairs_task, minnow_layers_task, minnow_relations_task;

/* Of tasks that make vectors: a role of the student makes single ones of this width; and the losses over some that are
 * seen, which are `share` of the batch. */
enum minnow_status minnow_vectors_check_width(const struct minnow_trainer *trainer, enum minnow_role role, size_t width,
                                              struct minnow_error *error);
void minnow_vectors_take_losses(const struct minnow_trainer *trainer, const struct minnow_vectors_seen *seen,
                                double share, struct minnow_measured *measured);

/* The tasks that the losses name: items, what is held out of them, batches. */
enum minnow_status minnow_tasks_open(struct minnow_trainer *trainer, struct minnow_error *error);
void minnow_tasks_close(struct minnow_trainer *trainer);

/* Batches of an epoch: of the task that has most. */
uint64_t minnow_tasks_epoch(const struct minnow_trainer *trainer);
/* Items trained on, and held out, of all tasks. */
uint64_t minnow_tasks_items(const struct minnow_trainer *trainer, bool held_out);

/* One batch of each task there and back; the workers' gradients wait for the optimizer. */
enum minnow_status minnow_tasks_step(struct minnow_trainer *trainer, struct minnow_measured *measured, uint64_t *items,
                                     struct minnow_error *error);
/* The means over all that is held out. */
enum minnow_status minnow_tasks_measure(struct minnow_trainer *trainer, struct minnow_measured *measured,
                                        struct minnow_error *error);
/* Where a task goes on after `epoch` and `next` were set. */
void minnow_task_seek(struct minnow_task *task);

/* The weighted sum. */
double minnow_total_loss(const struct minnow_trainer *trainer, const struct minnow_measured *measured);

#endif
