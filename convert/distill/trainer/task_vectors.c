/* Texts to vectors, which are drawn to the teacher's. */
#include "convert/distill/trainer/student_scores.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/text_items.h"

#include <math.h>

enum minnow_status minnow_vectors_check_width(const struct minnow_trainer *trainer, enum minnow_role role, size_t width,
                                              struct minnow_error *error) {
    const struct minnow_route *route = minnow_route_of(&trainer->network.contents, role);
    if (route && minnow_route_pools(route) && route->dimensions == width) return MINNOW_OK;
    if (!route || !minnow_route_pools(route))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "loss: the student makes no single vector of a text, expected one that does, or a loss that "
                           "looks at scores");
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "student: its vectors have %u dimensions, the teacher's have %zu; dimensions=%zu in the SPEC "
                       "ends the student in a projection",
                       route->dimensions, width, width);
}

static enum minnow_status prepare(struct minnow_trainer *trainer, struct minnow_task *task,
                                  struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    if (!minnow_teacher_session_has_vectors(&trainer->teacher))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "teacher: a loss over vectors needs one that makes one vector of a text, or a "
                           "cross-encoder");
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++) {
        if (!trainer->trains[role]) continue;
        status = minnow_text_pool_encode(&trainer->pool, &trainer->teacher, (enum minnow_role)role, &trainer->progress,
                                         error);
        if (!status)
            status = minnow_vectors_check_width(trainer, (enum minnow_role)role, trainer->pool.dimensions, error);
        if (!status)
            status = minnow_text_pool_tokenize(&trainer->pool, &trainer->network.contents, (enum minnow_role)role,
                                               &trainer->progress, error);
    }
    task->item_count = minnow_text_items_count(trainer);
    return status;
}

static double mean_cosine(const struct minnow_vectors_seen *seen) {
    double sum = 0;
    for (size_t i = 0; i < seen->count; i++) {
        const float *t = seen->teacher + i * seen->width, *s = seen->student + i * seen->width;
        double dot = 0, tt = 0, ss = 0;
        for (size_t k = 0; k < seen->width; k++) {
            dot += (double)t[k] * s[k];
            tt += (double)t[k] * t[k];
            ss += (double)s[k] * s[k];
        }
        if (tt > 0 && ss > 0) sum += dot / sqrt(tt * ss);
    }
    return sum / (double)seen->count;
}

void minnow_vectors_take_losses(const struct minnow_trainer *trainer, const struct minnow_vectors_seen *seen,
                                double share, struct minnow_measured *measured) {
    for (size_t i = 0; i < trainer->losses.count; i++) {
        const struct minnow_weighted_loss *item = &trainer->losses.items[i];
        if (item->loss->vectors) measured->losses[i] += share * item->loss->vectors(seen, share * item->weight);
    }
    measured->cosine += share * mean_cosine(seen);
    measured->has_cosine = true;
}

static enum minnow_status encode(struct minnow_trainer *trainer, enum minnow_role role, const uint32_t *texts,
                                 uint32_t count, uint32_t all, struct minnow_measured *measured,
                                 struct minnow_error *error) {
    enum minnow_status status =
        minnow_texts_encode(&trainer->team, &trainer->pool.tokens[role], texts, count, &trainer->tape, error);
    if (status) return status;
    const struct minnow_vectors *vectors = &trainer->team.vectors[role];
    const struct minnow_vectors_seen seen = {
        .teacher = minnow_text_pool_gather(&trainer->pool, role, texts, count, &trainer->tape),
        .student = vectors->rows,
        .gradient = vectors->gradient,
        .count = count,
        .width = vectors->width};
    if (!seen.teacher) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u texts", count);
    minnow_vectors_take_losses(trainer, &seen, (double)count / all, measured);
    return MINNOW_OK;
}

static enum minnow_status forward(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                  struct minnow_measured *measured, struct minnow_error *error) {
    return minnow_text_items_run(trainer, items, count, encode, measured, error);
}

const struct minnow_task_class minnow_vectors_task = {"texts", prepare, minnow_text_items_length, forward, NULL};
