#include "convert/distill/trainer/teaching.h"

#include "convert/distill/trainer/layer_scores.h"

bool minnow_teaching_is_wanted(const struct minnow_trainer *trainer) {
    return trainer->options.teacher_rate > 0 || minnow_loss_list_has(&trainer->losses, MINNOW_TASK_LAYERS) ||
           minnow_loss_list_has(&trainer->losses, MINNOW_TASK_RELATIONS) ||
           (minnow_loss_list_has(&trainer->losses, MINNOW_TASK_VECTORS) && minnow_teacher_joins_tokens(trainer));
}

/* ---- What can be ---- */

static enum minnow_status fail_rate(const char *why, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "teacher-rate: %s", why);
}

/* Losses that look at what the teacher said before the first step would draw the student to what it no longer says. */
static enum minnow_status check_learning(const struct minnow_trainer *trainer, struct minnow_error *error) {
    const struct minnow_loss_list *losses = &trainer->losses;
    if (minnow_loss_list_has(losses, MINNOW_TASK_VECTORS) || minnow_loss_list_has(losses, MINNOW_TASK_PAIRS) ||
        minnow_loss_list_has(losses, MINNOW_TASK_RELATIONS))
        return fail_rate("a teacher that learns goes with contrastive, score-kl and lead", error);
    if (!minnow_loss_list_has(losses, MINNOW_TASK_LISTS))
        return fail_rate("a teacher learns from labelled candidates, expected contrastive or score-kl beside lead",
                         error);
    if (!trainer->trains[MINNOW_QUERY] || !trainer->trains[MINNOW_DOCUMENT])
        return fail_rate("vectors of a teacher that learns cannot stay; expected --role both", error);
    if (minnow_teacher_joins_tokens(trainer) && minnow_loss_list_has(losses, MINNOW_TASK_LAYERS))
        return fail_rate("lead takes a cross-encoder's layers as they are; without teacher-rate it stays", error);
    return MINNOW_OK;
}

static enum minnow_status check(const struct minnow_trainer *trainer, struct minnow_error *error) {
    const struct minnow_contents *teacher = trainer->teacher.contents;
    if (!teacher)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "teacher is missing: lead, relation and teacher-rate need one");
    if (teacher->similarity == MINNOW_JOINT && !minnow_teacher_joins_tokens(trainer))
        return minnow_fail(
            error, MINNOW_INVALID_ARGUMENT,
            "teacher: for lead, relation and teacher-rate, expected a bi-encoder, ColBERT or cross-encoder");
    if (minnow_loss_list_has(&trainer->losses, MINNOW_TASK_LAYERS) && !minnow_layer_scores_blocks(teacher))
        return minnow_fail(
            error, MINNOW_INVALID_ARGUMENT,
            "teacher: lead needs one with encoder blocks, as many and as wide for queries as for documents");
    return trainer->options.teacher_rate > 0 ? check_learning(trainer, error) : MINNOW_OK;
}

/* ---- Beginning and end ---- */

enum minnow_status minnow_teaching_open(struct minnow_trainer *trainer, struct minnow_error *error) {
    enum minnow_status status = check(trainer, error);
    if (status) return status;
    struct minnow_teaching *teaching = trainer->teaching = minnow_memory_take(trainer->memory, sizeof *teaching);
    if (!teaching) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "the teacher");
    teaching->learns = trainer->options.teacher_rate > 0;
    status = minnow_network_create(trainer->teacher.contents, trainer->memory, &teaching->network, error);
    if (!status)
        status = minnow_team_create(&teaching->network,
                                    &(struct minnow_team_settings){.workers = trainer->options.threads,
                                                                   .learns = teaching->learns,
                                                                   .threads = trainer->team.threads},
                                    trainer->memory, &teaching->team, error);
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++) {
        if (!trainer->trains[role]) continue;
        status = minnow_token_texts_make(&teaching->network.contents, (enum minnow_role)role, trainer->pool.sets[role],
                                         &trainer->progress, &teaching->tokens[role], error);
    }
    return status;
}

void minnow_teaching_close(struct minnow_teaching *teaching) {
    if (!teaching) return;
    minnow_team_free(&teaching->team);
    for (int role = 0; role < 2; role++) minnow_token_texts_free(&teaching->tokens[role]);
}

/* ---- Forward ---- */

enum minnow_status minnow_teaching_encode(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                                          struct minnow_error *error) {
    struct minnow_teaching *teaching = trainer->teaching;
    const uint32_t *of_role[2] = {texts->queries, texts->documents};
    const uint32_t counts[2] = {texts->query_count, texts->document_count};
    enum minnow_status status = MINNOW_OK;
    if (minnow_teacher_joins_tokens(trainer))
        return minnow_texts_score_tokens(&teaching->team, teaching->tokens, texts, &trainer->tape, error);
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++)
        status = minnow_texts_encode(&teaching->team, &teaching->tokens[role], of_role[role], counts[role],
                                     &trainer->tape, error);
    return status;
}

enum minnow_status minnow_teaching_score(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                                         struct minnow_error *error) {
    enum minnow_status status = minnow_teaching_encode(trainer, texts, error);
    if (status || minnow_teacher_joins_tokens(trainer)) return status;
    return minnow_team_score(&trainer->teaching->team, texts->pairs, texts->count, 1, error);
}
