/* Triples to the scores of a relevant passage and of another one. */
#include "convert/distill/trainer/student_scores.h"
#include "convert/distill/trainer/task.h"
#include "convert/distill/trainer/triples.h"

enum { FITTED = 64 }; /* triples */

static uint32_t length_of(const struct minnow_trainer *trainer, enum minnow_role role, uint32_t text) {
    return trainer->trains[role] ? minnow_token_texts_length(&trainer->pool.tokens[role], text) : 0;
}

static uint32_t length(const struct minnow_trainer *trainer, uint32_t item) {
    const struct minnow_triple *triple = &trainer->triples[item];
    return length_of(trainer, MINNOW_QUERY, triple->query) + length_of(trainer, MINNOW_DOCUMENT, triple->positive) +
           length_of(trainer, MINNOW_DOCUMENT, triple->negative);
}

/* The positives of all triples, then their negatives. */
struct scored {
    struct minnow_texts_to_score texts;
    float *teacher, *student, *gradient; /* [2 * count] */
};

static bool collect(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count, struct scored *scored) {
    struct minnow_tape *tape = &trainer->tape;
    uint32_t *queries = minnow_tape_push(tape, count * sizeof *queries);
    uint32_t *documents = minnow_tape_push(tape, 2 * count * sizeof *documents);
    struct minnow_text_pair *pairs = minnow_tape_push(tape, 2 * count * sizeof *pairs);
    *scored = (struct scored){{queries, documents, count, 2 * count, pairs, 2 * (size_t)count},
                              minnow_tape_floats(tape, 2 * (size_t)count),
                              minnow_tape_floats(tape, 2 * (size_t)count),
                              minnow_tape_zeros(tape, 2 * (size_t)count)};
    if (!queries || !documents || !pairs || !scored->teacher || !scored->student || !scored->gradient) return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct minnow_triple *triple = &trainer->triples[items[i]];
        queries[i] = triple->query;
        documents[i] = triple->positive;
        documents[count + i] = triple->negative;
        pairs[i] = (struct minnow_text_pair){i, i};
        pairs[count + i] = (struct minnow_text_pair){i, count + i};
        scored->teacher[i] = triple->positive_score;
        scored->teacher[count + i] = triple->negative_score;
    }
    return true;
}

/* ---- Before the first step ---- */

/* What scaled scores are on average at first: the teacher's where a loss compares scores, else undecided. */
static double wanted_mean(const struct minnow_trainer *trainer, const struct scored *scored) {
    double sum = 0;
    if (!minnow_loss_list_needs_teacher(&trainer->losses, MINNOW_TASK_PAIRS)) return 0;
    for (size_t i = 0; i < trainer->losses.count; i++)
        if (trainer->losses.items[i].loss->labels) return 0;
    for (size_t i = 0; i < scored->texts.count; i++) sum += (double)scored->teacher[i];
    return sum / (double)scored->texts.count;
}

/* Cosines of a student that begins are all alike, and far from 0: a bias that had to be learned would first turn all of
 * the student over. */
static enum minnow_status fit_bias(struct minnow_trainer *trainer, struct minnow_error *error) {
    uint32_t items[FITTED], count = trainer->triple_count < FITTED ? (uint32_t)trainer->triple_count : FITTED;
    struct scored scored;
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) items[i] = (uint32_t)(i * trainer->triple_count / count);
    minnow_tape_clear(&trainer->tape);
    minnow_team_begin(&trainer->team);
    if (!collect(trainer, items, count, &scored)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "triples");
    enum minnow_status status = minnow_student_scores(trainer, &scored.texts, error);
    if (status) return status;
    for (size_t i = 0; i < scored.texts.count; i++) sum += (double)trainer->team.scoring.scores[i];
    double mean = sum / (double)scored.texts.count;
    trainer->scale.bias = (float)(wanted_mean(trainer, &scored) - (double)trainer->scale.scale * mean);
    return MINNOW_OK;
}

static enum minnow_status prepare(struct minnow_trainer *trainer, struct minnow_task *task,
                                  struct minnow_error *error) {
    enum minnow_status status = trainer->triples ? MINNOW_OK : minnow_triples_mine(trainer, error);
    if (!status) status = minnow_student_scores_prepare(trainer, error);
    task->item_count = (uint32_t)trainer->triple_count;
    if (!status && trainer->triple_count && trainer->scale_parameter != SIZE_MAX) status = fit_bias(trainer, error);
    return status;
}

/* ---- Steps ---- */

static void take_losses(const struct minnow_trainer *trainer, const struct scored *scored, uint32_t count,
                        struct minnow_measured *measured) {
    const struct minnow_pairs_seen seen = {.teacher = {scored->teacher, scored->teacher + count},
                                           .student = {scored->student, scored->student + count},
                                           .gradients = {scored->gradient, scored->gradient + count},
                                           .count = count,
                                           .temperature = trainer->options.soft_temperature,
                                           .alpha = trainer->options.alpha};
    for (size_t i = 0; i < trainer->losses.count; i++) {
        const struct minnow_weighted_loss *item = &trainer->losses.items[i];
        if (item->loss->pairs) measured->losses[i] = item->loss->pairs(&seen, item->weight);
    }
}

/* From the gradient by scaled scores to that by the student's, and by the scale. */
static void scale_back(struct minnow_trainer *trainer, const struct scored *scored) {
    struct minnow_scoring *scoring = &trainer->team.scoring;
    trainer->scale_gradient = (struct minnow_score_scale){0, 0};
    minnow_score_scale_backward(&trainer->scale, scoring->scores, scoring->count, scored->gradient, scoring->gradient,
                                &trainer->scale_gradient);
}

static enum minnow_status forward(struct minnow_trainer *trainer, const uint32_t *items, uint32_t count,
                                  struct minnow_measured *measured, struct minnow_error *error) {
    struct scored scored;
    if (!collect(trainer, items, count, &scored))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %u triples", count);
    enum minnow_status status = minnow_student_scores(trainer, &scored.texts, error);
    if (status) return status;
    minnow_score_scale_apply(&trainer->scale, trainer->team.scoring.scores, scored.texts.count, scored.student);
    take_losses(trainer, &scored, count, measured);
    scale_back(trainer, &scored);
    return MINNOW_OK;
}

static void back(struct minnow_trainer *trainer) {
    if (trainer->scale_parameter == SIZE_MAX) return;
    float *values = trainer->team.gradients[0].values[trainer->scale_parameter];
    values[0] += trainer->scale_gradient.scale;
    values[1] += trainer->scale_gradient.bias;
}

const struct minnow_task_class minnow_pairs_task = {"triples", prepare, length, forward, back};
