#include "convert/distill/trainer/task.h"

#include "convert/distill/data/buckets.h"
#include "convert/distill/random.h"
#include "convert/distill/trainer/teaching.h"

#include <math.h>
#include <stdlib.h>

enum { MOST_HELD_OUT = 1000, TOKENS_AN_ITEM = 64, HELD_OUT_STREAM = 1 << 30 };

static const struct minnow_task_class *const classes[MINNOW_TASK_KINDS] = {
    [MINNOW_TASK_VECTORS] = &minnow_vectors_task,     [MINNOW_TASK_LISTS] = &minnow_lists_task,
    [MINNOW_TASK_PAIRS] = &minnow_pairs_task,         [MINNOW_TASK_LAYERS] = &minnow_layers_task,
    [MINNOW_TASK_RELATIONS] = &minnow_relations_task,
};

static const struct minnow_task_class *class_of(const struct minnow_trainer *trainer, const struct minnow_task *task) {
    bool pools_two = task->kind == MINNOW_TASK_VECTORS && minnow_teacher_joins_tokens(trainer);
    return pools_two ? &minnow_dual_vectors_task : classes[task->kind];
}

/* ---- Items and batches ---- */

static enum minnow_status draw_held_out(const struct minnow_trainer *trainer, struct minnow_task *task,
                                        struct minnow_error *error) {
    struct minnow_random random =
        minnow_random_of(trainer->options.seed, (uint64_t)HELD_OUT_STREAM + (uint64_t)task->kind);
    double share = trainer->options.held_out > 0 ? trainer->options.held_out : 0;
    double wanted = ceil(share * (double)task->item_count);
    task->held_out_count = wanted < MOST_HELD_OUT ? (uint32_t)wanted : MOST_HELD_OUT;
    task->order = malloc(((size_t)task->item_count + 1) * sizeof *task->order);
    if (!task->order) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u items", task->item_count);
    for (uint32_t i = 0; i < task->item_count; i++) task->order[i] = i;
    minnow_random_shuffle(&random, task->order, task->item_count);
    if (task->held_out_count < task->item_count) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_INPUT, "%.200s: holds %u %s to train on, expected more than are held out",
                       trainer->options.data, task->item_count, class_of(trainer, task)->items);
}

static enum minnow_status make_buckets(const struct minnow_trainer *trainer, const struct minnow_task *task,
                                       const uint32_t *order, uint32_t count, struct minnow_buckets **buckets,
                                       struct minnow_error *error) {
    const struct minnow_buckets_options options = {.batch_items = trainer->options.batch,
                                                   .batch_tokens = trainer->options.batch * TOKENS_AN_ITEM,
                                                   .seed = trainer->options.seed + (uint64_t)task->kind};
    uint32_t *lengths = malloc(((size_t)count + 1) * sizeof *lengths);
    if (!lengths) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u items", count);
    for (uint32_t i = 0; i < count; i++) lengths[i] = class_of(trainer, task)->length(trainer, order[i]);
    enum minnow_status status = minnow_buckets_create(lengths, count, &options, buckets, error);
    free(lengths);
    return status;
}

static enum minnow_status open_task(struct minnow_trainer *trainer, struct minnow_task *task,
                                    struct minnow_error *error) {
    enum minnow_status status = class_of(trainer, task)->prepare(trainer, task, error);
    if (!status) status = draw_held_out(trainer, task, error);
    if (!status && task->held_out_count)
        status = make_buckets(trainer, task, task->order, task->held_out_count, &task->held_out, error);
    if (!status)
        status = make_buckets(trainer, task, task->order + task->held_out_count,
                              task->item_count - task->held_out_count, &task->train, error);
    return status;
}

enum minnow_status minnow_tasks_open(struct minnow_trainer *trainer, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (int kind = 0; !status && kind < MINNOW_TASK_KINDS; kind++) {
        if (!minnow_loss_list_has(&trainer->losses, (enum minnow_task_kind)kind)) continue;
        struct minnow_task *task = &trainer->tasks[trainer->task_count++];
        *task = (struct minnow_task){.kind = (enum minnow_task_kind)kind};
        status = open_task(trainer, task, error);
    }
    return status;
}

void minnow_tasks_close(struct minnow_trainer *trainer) {
    for (size_t i = 0; i < trainer->task_count; i++) {
        free(trainer->tasks[i].order);
        minnow_buckets_free(trainer->tasks[i].train);
        minnow_buckets_free(trainer->tasks[i].held_out);
    }
    trainer->task_count = 0;
    free(trainer->negatives);
    free(trainer->list_scores);
    free(trainer->place);
    free(trainer->triples);
}

uint64_t minnow_tasks_epoch(const struct minnow_trainer *trainer) {
    uint64_t most = 0;
    for (size_t i = 0; i < trainer->task_count; i++) {
        uint64_t count = minnow_buckets_count(trainer->tasks[i].train);
        if (count > most) most = count;
    }
    return most;
}

uint64_t minnow_tasks_items(const struct minnow_trainer *trainer, bool held_out) {
    uint64_t sum = 0;
    for (size_t i = 0; i < trainer->task_count; i++) {
        const struct minnow_task *task = &trainer->tasks[i];
        sum += held_out ? task->held_out_count : task->item_count - task->held_out_count;
    }
    return sum;
}

void minnow_task_seek(struct minnow_task *task) { minnow_buckets_shuffle(task->train, task->epoch); }

/* ---- Steps ---- */

/* The loss of a batch into a mean over `total` items. */
static void add_measured(const struct minnow_trainer *trainer, const struct minnow_task *task,
                         const struct minnow_measured *batch, double share, struct minnow_measured *sum) {
    for (size_t i = 0; i < trainer->losses.count; i++)
        if (trainer->losses.items[i].loss->task == task->kind) sum->losses[i] += share * batch->losses[i];
    if (!batch->has_cosine) return;
    sum->cosine += share * batch->cosine;
    sum->has_cosine = true;
}

/* From places in a part of `order` to items, and forward. */
static enum minnow_status forward(struct minnow_trainer *trainer, const struct minnow_task *task, const uint32_t *order,
                                  const uint32_t *places, uint32_t count, struct minnow_measured *measured,
                                  struct minnow_error *error) {
    *measured = (struct minnow_measured){.cosine = 0};
    minnow_tape_clear(&trainer->tape);
    minnow_team_begin(&trainer->team);
    if (trainer->teaching) minnow_team_begin(&trainer->teaching->team);
    uint32_t *items = minnow_tape_push(&trainer->tape, count * sizeof *items);
    if (!items) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u items", count);
    for (uint32_t i = 0; i < count; i++) items[i] = order[places[i]];
    return class_of(trainer, task)->forward(trainer, items, count, measured, error);
}

static void advance(struct minnow_task *task) {
    if (++task->next < minnow_buckets_count(task->train)) return;
    task->next = 0;
    task->epoch++;
    minnow_task_seek(task);
}

enum minnow_status minnow_tasks_step(struct minnow_trainer *trainer, struct minnow_measured *measured, uint64_t *items,
                                     struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    *measured = (struct minnow_measured){.cosine = 0};
    for (size_t i = 0; !status && i < trainer->task_count; i++) {
        struct minnow_task *task = &trainer->tasks[i];
        struct minnow_measured batch;
        uint32_t count;
        const uint32_t *places = minnow_buckets_get(task->train, task->next, &count);
        status = forward(trainer, task, task->order + task->held_out_count, places, count, &batch, error);
        if (!status) status = minnow_team_back(&trainer->team, error);
        if (!status && minnow_teacher_learns(trainer)) status = minnow_team_back(&trainer->teaching->team, error);
        if (!status && class_of(trainer, task)->back) class_of(trainer, task)->back(trainer);
        add_measured(trainer, task, &batch, 1, measured);
        *items += count;
        advance(task);
    }
    return status;
}

static enum minnow_status measure_task(struct minnow_trainer *trainer, const struct minnow_task *task,
                                       struct minnow_measured *measured, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    uint32_t batches = task->held_out ? minnow_buckets_count(task->held_out) : 0;
    for (uint32_t i = 0; !status && i < batches; i++) {
        struct minnow_measured batch;
        uint32_t count;
        const uint32_t *places = minnow_buckets_get(task->held_out, i, &count);
        status = forward(trainer, task, task->order, places, count, &batch, error);
        add_measured(trainer, task, &batch, (double)count / task->held_out_count, measured);
    }
    return status;
}

enum minnow_status minnow_tasks_measure(struct minnow_trainer *trainer, struct minnow_measured *measured,
                                        struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    *measured = (struct minnow_measured){.cosine = 0};
    for (size_t i = 0; !status && i < trainer->task_count; i++)
        status = measure_task(trainer, &trainer->tasks[i], measured, error);
    return status;
}

double minnow_total_loss(const struct minnow_trainer *trainer, const struct minnow_measured *measured) {
    double sum = 0;
    for (size_t i = 0; i < trainer->losses.count; i++) sum += trainer->losses.items[i].weight * measured->losses[i];
    return sum;
}
