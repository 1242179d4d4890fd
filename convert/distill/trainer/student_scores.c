#include "convert/distill/trainer/student_scores.h"

enum minnow_status minnow_student_scores_prepare(struct minnow_trainer *trainer, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++)
        status = trainer->trains[role] ? minnow_text_pool_tokenize(&trainer->pool, &trainer->network.contents,
                                                                   (enum minnow_role)role, &trainer->progress, error)
                                       : minnow_text_pool_encode(&trainer->pool, &trainer->teacher,
                                                                 (enum minnow_role)role, &trainer->progress, error);
    return status;
}

static enum minnow_status fail_memory(struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of pairs");
}

enum minnow_status minnow_texts_encode(struct minnow_team *team, const struct minnow_token_texts *tokens,
                                       const uint32_t *texts, uint32_t count, struct minnow_tape *tape,
                                       struct minnow_error *error) {
    struct minnow_batch batch;
    if (!minnow_token_texts_batch(tokens, texts, count, tape, &batch)) return fail_memory(error);
    return minnow_team_encode(team, tokens->role, batch, error);
}

/* The teacher's vectors in the place of the student's: no gradient is asked of them. */
static enum minnow_status place_teacher(struct minnow_trainer *trainer, enum minnow_role role, const uint32_t *texts,
                                        uint32_t count, struct minnow_error *error) {
    size_t *first = minnow_tape_push(&trainer->tape, ((size_t)count + 1) * sizeof *first);
    const float *rows = minnow_text_pool_gather(&trainer->pool, role, texts, count, &trainer->tape);
    if (!first || !rows) return fail_memory(error);
    for (uint32_t i = 0; i <= count; i++) first[i] = i;
    trainer->team.vectors[role] =
        (struct minnow_vectors){.text_count = count, .width = trainer->pool.dimensions, .first = first, .rows = rows};
    return MINNOW_OK;
}

enum minnow_status minnow_student_encode(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                                         struct minnow_error *error) {
    const uint32_t *of_role[2] = {texts->queries, texts->documents};
    const uint32_t counts[2] = {texts->query_count, texts->document_count};
    enum minnow_status status = MINNOW_OK;
    for (int role = MINNOW_QUERY; !status && role <= MINNOW_DOCUMENT; role++)
        status = trainer->trains[role]
                     ? minnow_texts_encode(&trainer->team, &trainer->pool.tokens[role], of_role[role], counts[role],
                                           &trainer->tape, error)
                     : place_teacher(trainer, (enum minnow_role)role, of_role[role], counts[role], error);
    return status;
}

enum minnow_status minnow_texts_score_tokens(struct minnow_team *team, const struct minnow_token_texts tokens[2],
                                             const struct minnow_texts_to_score *texts, struct minnow_tape *tape,
                                             struct minnow_error *error) {
    uint32_t *queries = minnow_tape_push(tape, texts->count * sizeof *queries);
    uint32_t *documents = minnow_tape_push(tape, texts->count * sizeof *documents);
    struct minnow_batch batch;
    if (!queries || !documents) return fail_memory(error);
    for (size_t i = 0; i < texts->count; i++) {
        queries[i] = texts->queries[texts->pairs[i].query];
        documents[i] = texts->documents[texts->pairs[i].document];
    }
    if (!minnow_token_texts_join(&tokens[MINNOW_QUERY], queries, &tokens[MINNOW_DOCUMENT], documents,
                                 (uint32_t)texts->count, tape, &batch))
        return fail_memory(error);
    return minnow_team_score_tokens(team, batch, error);
}

enum minnow_status minnow_student_scores(struct minnow_trainer *trainer, const struct minnow_texts_to_score *texts,
                                         struct minnow_error *error) {
    if (minnow_trainer_joins_tokens(trainer))
        return minnow_texts_score_tokens(&trainer->team, trainer->pool.tokens, texts, &trainer->tape, error);
    enum minnow_status status = minnow_student_encode(trainer, texts, error);
    return status ? status : minnow_team_score(&trainer->team, texts->pairs, texts->count, 1, error);
}
