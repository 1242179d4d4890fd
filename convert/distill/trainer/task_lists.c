/* Labelled pairs to the scores of each query's candidates.
 *
 * In-batch: every passage of the batch, positives and mined negatives, is a candidate of every query, once. Where
 * scores are made pair by pair (a cross-encoder on either side, a teacher that makes no single vector of a text), a
 * query has candidates of its own: its positive and its mined negatives, as LEAD's (arXiv 2212.05225) are for such
 * teachers. */
#include <stdlib.h>

#include "convert/blas.h"
#include "convert/distill/losses/contrastive.h"
#include "convert/distill/trainer/candidates.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/teaching.h"

/* A batch's candidates, and what the losses see of them. */
struct lists {
    struct minnow_candidates candidates;
    struct minnow_lists_seen seen;
};

/* What a teacher without vectors says of all pairs of a batch cannot be known before the first step. */
static bool teacher_takes_pairs(const struct minnow_trainer *trainer) {
    if (minnow_teacher_learns(trainer)) return trainer->teacher.contents->similarity == MINNOW_JOINT;
    return minnow_loss_list_needs_teacher(&trainer->losses, MINNOW_TASK_LISTS) && trainer->teacher.contents &&
           !minnow_teacher_session_has_vectors(&trainer->teacher);
}

static bool has_own_candidates(const struct minnow_trainer *trainer) {
    return trainer->network.contents.similarity == MINNOW_JOINT || teacher_takes_pairs(trainer);
}

/* ---- What is known before the first step ---- */

/* Scores of a teacher of pairs, for the candidates of each query. */
static enum minnow_status score_own(struct minnow_trainer *trainer, struct minnow_error *error) {
    const struct minnow_training_pairs *texts = &trainer->data->texts;
    size_t each = 1 + (size_t)trainer->negative_count;
    struct minnow_text *documents = malloc(each * sizeof *documents);
    enum minnow_status status = MINNOW_OK;
    trainer->list_scores = malloc(texts->count * each * sizeof *trainer->list_scores + 1);
    if (!documents || !trainer->list_scores)
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "the teacher's scores of %zu queries", texts->count);
    for (size_t i = 0; !status && i < texts->count; i++) {
        documents[0] = minnow_text_set_get(&texts->passages, texts->items[i].passage);
        for (size_t k = 1; k < each; k++)
            documents[k] =
                minnow_text_set_get(&texts->passages, trainer->negatives[i * trainer->negative_count + k - 1]);
        struct minnow_text query = minnow_text_set_get(&texts->queries, texts->items[i].query);
        status = minnow_teacher_session_score(&trainer->teacher, query, documents, each,
                                              trainer->list_scores + i * each, error);
        if (trainer->progress.report)
            trainer->progress.report(trainer->progress.context, "scoring with the teacher", i + 1, texts->count);
    }
    free(documents);
    return status;
}

static enum minnow_status ask_teacher(struct minnow_trainer *trainer, struct minnow_error *error) {
    if (minnow_teacher_learns(trainer)) return MINNOW_OK; /* it is asked anew in each step */
    if (!minnow_loss_list_needs_teacher(&trainer->losses, MINNOW_TASK_LISTS)) return MINNOW_OK;
    if (!trainer->teacher.contents)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "teacher is missing: score-kl needs one");
    if (!minnow_teacher_session_has_vectors(&trainer->teacher)) return score_own(trainer, error);
    enum minnow_status status =
        minnow_text_pool_encode(&trainer->pool, &trainer->teacher, MINNOW_QUERY, &trainer->progress, error);
    if (status) return status;
    return minnow_text_pool_encode(&trainer->pool, &trainer->teacher, MINNOW_DOCUMENT, &trainer->progress, error);
}

static enum minnow_status prepare(struct minnow_trainer *trainer, struct minnow_task *task,
                                  struct minnow_error *error) {
    enum minnow_status status = minnow_candidates_prepare(trainer, has_own_candidates(trainer), error);
    if (!status) status = ask_teacher(trainer, error);
    if (!status) status = minnow_student_scores_prepare(trainer, error);
    task->item_count = (uint32_t)trainer->data->texts.count;
    return status;
}

/* ---- The teacher's scores ---- */

static double teacher_score(const struct minnow_trainer *trainer, const struct lists *lists, size_t pair) {
    uint32_t query = lists->candidates.texts.queries[lists->candidates.texts.pairs[pair].query];
    uint32_t document = lists->candidates.texts.documents[lists->candidates.texts.pairs[pair].document];
    return (double)minnow_text_pool_dot(&trainer->pool, query, document);
}

/* In-batch: one product of all queries and all passages. */
static bool multiply(struct minnow_trainer *trainer, const struct lists *lists, float *scores) {
    const struct minnow_texts_to_score *texts = &lists->candidates.texts;
    int width = (int)trainer->pool.dimensions, documents = (int)texts->document_count;
    const float *q =
        minnow_text_pool_gather(&trainer->pool, MINNOW_QUERY, texts->queries, texts->query_count, &trainer->tape);
    const float *d = minnow_text_pool_gather(&trainer->pool, MINNOW_DOCUMENT, texts->documents, texts->document_count,
                                             &trainer->tape);
    if (!q || !d) return false;
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)texts->query_count, documents, width, 1, q,
                         width, d, width, 0, scores, documents);
    return true;
}

static bool take_teacher(struct minnow_trainer *trainer, const uint32_t *items, struct lists *lists) {
    size_t each = 1 + (size_t)trainer->negative_count;
    if (minnow_teacher_learns(trainer) || !minnow_loss_list_needs_teacher(&trainer->losses, MINNOW_TASK_LISTS))
        return true;
    float *scores = minnow_tape_floats(&trainer->tape, lists->candidates.texts.count);
    if (!scores) return false;
    lists->seen.teacher = scores;
    if (!trainer->list_scores && !has_own_candidates(trainer)) return multiply(trainer, lists, scores);
    for (size_t i = 0; i < lists->candidates.texts.count; i++)
        scores[i] = trainer->list_scores ? trainer->list_scores[items[i / each] * each + i % each]
                                         : (float)teacher_score(trainer, lists, i);
    return true;
}

/* ---- Forward ---- */

static void take_losses(const struct minnow_trainer *trainer, const struct minnow_lists_seen *seen,
                        struct minnow_measured *measured) {
    for (size_t i = 0; i < trainer->losses.count; i++) {
        const struct minnow_weighted_loss *item = &trainer->losses.items[i];
        if (item->loss->lists) measured->losses[i] = item->loss->lists(seen, item->weight);
    }
}

static bool make_lists(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count, struct lists *lists) {
    *lists = (struct lists){.seen.temperature = trainer->options.temperature,
                            .seen.teacher_temperature = minnow_trainer_teacher_temperature(trainer)};
    bool own = has_own_candidates(trainer);
    if (!minnow_candidates_collect(trainer, items, count, own, &lists->candidates)) return false;
    lists->seen.lists = lists->candidates.lists;
    lists->seen.positives = lists->candidates.positives;
    return take_teacher(trainer, items, lists);
}

/* What it says now; its own loss is that of the labels. */
static enum minnow_status ask_learning_teacher(struct minnow_trainer *trainer, struct lists *lists,
                                               struct minnow_error *error) {
    const struct minnow_scoring *scoring = &trainer->teaching->team.scoring;
    enum minnow_status status = minnow_teaching_score(trainer, &lists->candidates.texts, error);
    if (status) return status;
    lists->seen.teacher = scoring->scores;
    lists->seen.teacher_gradient = scoring->gradient;
    minnow_loss_contrastive(&lists->seen.lists, lists->seen.positives, scoring->scores, lists->seen.teacher_temperature,
                            1, scoring->gradient);
    return MINNOW_OK;
}

static enum minnow_status forward(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                  struct minnow_measured *measured, struct minnow_error *error) {
    struct lists lists;
    if (!make_lists(trainer, items, count, &lists))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u queries", count);
    enum minnow_status status = minnow_student_scores(trainer, &lists.candidates.texts, error);
    if (!status && minnow_teacher_learns(trainer)) status = ask_learning_teacher(trainer, &lists, error);
    if (status) return status;
    lists.seen.student = trainer->team.scoring.scores;
    lists.seen.gradient = trainer->team.scoring.gradient;
    take_losses(trainer, &lists.seen, measured);
    return MINNOW_OK;
}

const struct minnow_task_class minnow_lists_task = {"pairs", prepare, minnow_candidates_length, forward, NULL};
