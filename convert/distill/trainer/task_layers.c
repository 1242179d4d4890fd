/* Labelled pairs to scores by drawn layers of both sides (LEAD, arXiv 2212.05225): what texts are after a block makes
 * scores of all candidates of the batch, or of each query's own where the teacher is a cross-encoder. */
#include "convert/distill/trainer/candidates.h"
#include "convert/distill/trainer/layer_scores.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/teaching.h"

enum { REDRAW_EVERY = 10 }; /* steps, as in the paper's code */

/* One drawn pair of layers. */
struct both_sides {
    struct minnow_layer_scores teacher, student;
};

static struct minnow_lead_layers layers_of(const struct minnow_trainer *trainer) {
    uint32_t student = minnow_layer_scores_blocks(&trainer->network.contents);
    uint32_t teacher = minnow_layer_scores_blocks(&trainer->teaching->network.contents);
    uint32_t fewest = student < teacher ? student : teacher;
    return (struct minnow_lead_layers){.teacher = teacher,
                                       .student = student,
                                       .count = trainer->options.layer_pairs ? trainer->options.layer_pairs : fewest,
                                       .redraw_every = REDRAW_EVERY};
}

static enum minnow_status check_student(const struct minnow_trainer *trainer, struct minnow_error *error) {
    const struct minnow_contents *contents = &trainer->network.contents;
    if (!trainer->trains[MINNOW_QUERY] || !trainer->trains[MINNOW_DOCUMENT])
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "role: lead compares layers of queries and documents, expected --role both");
    if (contents->similarity != MINNOW_JOINT && minnow_layer_scores_blocks(contents)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                       "student: lead needs one with encoder blocks, as many and as wide for queries as for documents");
}

static bool has_own_candidates(const struct minnow_trainer *trainer) {
    return trainer->teaching->network.contents.similarity == MINNOW_JOINT;
}

static enum minnow_status prepare(struct minnow_trainer *trainer, struct minnow_task *task,
                                  struct minnow_error *error) {
    struct minnow_lead_draw draw;
    enum minnow_status status = check_student(trainer, error);
    if (!status) status = minnow_candidates_prepare(trainer, has_own_candidates(trainer), error);
    if (!status) status = minnow_student_scores_prepare(trainer, error);
    if (status) return status;
    const struct minnow_lead_layers layers = layers_of(trainer);
    task->item_count = (uint32_t)trainer->data->texts.count;
    return minnow_lead_draw(&layers, trainer->options.seed, 0, &draw, error);
}

/* ---- Forward ---- */

static void take_losses(const struct minnow_trainer *trainer, const struct minnow_layers_seen *seen,
                        struct minnow_measured *measured) {
    for (size_t i = 0; i < trainer->losses.count; i++) {
        const struct minnow_weighted_loss *item = &trainer->losses.items[i];
        if (item->loss->layers) measured->losses[i] = item->loss->layers(seen, item->weight);
    }
}

static enum minnow_status score(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                                uint32_t teacher_block, uint32_t student_block, struct both_sides *sides,
                                struct minnow_error *error) {
    enum minnow_status status =
        minnow_layer_scores_make(&trainer->teaching->team, teacher_block, texts->pairs, texts->count,
                                 minnow_trainer_teacher_temperature(trainer), &trainer->tape, &sides->teacher, error);
    if (status) return status;
    return minnow_layer_scores_make(&trainer->team, student_block, texts->pairs, texts->count,
                                    trainer->options.temperature, &trainer->tape, &sides->student, error);
}

/* After the losses filled in their gradients. */
static enum minnow_status go_back(struct minnow_trainer *trainer, struct both_sides *sides,
                                  struct minnow_error *error) {
    if (minnow_layer_scores_back(&sides->student) &&
        (!minnow_teacher_learns(trainer) || minnow_layer_scores_back(&sides->teacher)))
        return MINNOW_OK;
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "gradients of layers");
}

static enum minnow_status compare(struct minnow_trainer *trainer, const struct minnow_candidates *candidates,
                                  const struct minnow_lead_draw *draw, struct minnow_measured *measured,
                                  struct minnow_error *error) {
    struct minnow_lead_pair pairs[MINNOW_LEAD_PAIRS];
    struct both_sides *sides = minnow_tape_push(&trainer->tape, draw->count * sizeof *sides);
    enum minnow_status status = sides ? MINNOW_OK : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "layers");
    for (uint32_t i = 0; !status && i < draw->count; i++) {
        status = score(trainer, &candidates->texts, draw->teacher[i], draw->student[i], &sides[i], error);
        if (status) return status;
        const struct minnow_scoring *teacher = &sides[i].teacher.scoring, *student = &sides[i].student.scoring;
        float *learned = minnow_teacher_learns(trainer) ? teacher->gradient : NULL;
        pairs[i] = (struct minnow_lead_pair){{teacher->scores, 1, learned}, {student->scores, 1, student->gradient}};
    }
    if (status) return status;
    const struct minnow_layers_seen seen = {{candidates->lists, candidates->positives}, pairs, draw->count};
    take_losses(trainer, &seen, measured);
    for (uint32_t i = 0; !status && i < draw->count; i++) status = go_back(trainer, &sides[i], error);
    return status;
}

static enum minnow_status forward(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                  struct minnow_measured *measured, struct minnow_error *error) {
    const struct minnow_lead_layers layers = layers_of(trainer);
    struct minnow_candidates candidates;
    struct minnow_lead_draw draw;
    enum minnow_status status = minnow_lead_draw(&layers, trainer->options.seed, trainer->step, &draw, error);
    if (!status && !minnow_candidates_collect(trainer, items, count, has_own_candidates(trainer), &candidates))
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u queries", count);
    if (!status) status = minnow_student_encode(trainer, &candidates.texts, error);
    if (!status) status = minnow_teaching_encode(trainer, &candidates.texts, error);
    return status ? status : compare(trainer, &candidates, &draw, measured, error);
}

const struct minnow_task_class minnow_layers_task = {"pairs", prepare, minnow_candidates_length, forward, NULL};
