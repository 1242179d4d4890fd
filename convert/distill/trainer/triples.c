#include "convert/distill/trainer/triples.h"

#include "convert/distill/data/teacher_scores.h"
#include "convert/distill/trainer/negatives.h"

#include <stdlib.h>
#include <string.h>

static enum minnow_status take_room(size_t count, struct minnow_triple **triples, struct minnow_error *error) {
    *triples = calloc(count + 1, sizeof **triples);
    return *triples ? MINNOW_OK : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu triples", count);
}

/* ---- From score files ---- */

/* numbers: [set->count], of the data's texts. */
static enum minnow_status resolve_all(struct minnow_data_folder *data, bool query, const struct minnow_text_set *set,
                                      uint32_t **numbers, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    *numbers = malloc((size_t)set->count * sizeof **numbers + 1);
    if (!*numbers) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u texts", set->count);
    for (uint32_t i = 0; !status && i < set->count; i++)
        status = minnow_data_folder_resolve(data, query, minnow_text_set_get(set, i), &(*numbers)[i], error);
    return status;
}

static enum minnow_status take_scores(struct minnow_data_folder *data, const struct minnow_teacher_scores *scores,
                                      struct minnow_error *error) {
    uint32_t *queries = NULL, *documents = NULL;
    enum minnow_status status = resolve_all(data, true, &scores->queries, &queries, error);
    if (!status) status = resolve_all(data, false, &scores->documents, &documents, error);
    if (!status) status = take_room(scores->count, &data->triples, error);
    for (size_t i = 0; !status && i < scores->count; i++) {
        const struct minnow_teacher_triple *triple = &scores->triples[i];
        data->triples[data->triple_count++] =
            (struct minnow_triple){triple->positive_score, triple->negative_score, queries[triple->query],
                                   documents[triple->positive], documents[triple->negative]};
    }
    free(queries);
    free(documents);
    return status;
}

static enum minnow_status read_files(struct minnow_data_folder *data, const char *const *paths, size_t count,
                                     struct minnow_error *error) {
    struct minnow_teacher_scores scores = {0};
    enum minnow_status status = minnow_teacher_scores_read(paths, count, &scores, error);
    if (status) return status;
    status = take_scores(data, &scores, error);
    minnow_teacher_scores_free(&scores);
    return status;
}

/* "FILE,...", cut in place. */
static enum minnow_status read_named(struct minnow_data_folder *data, const char *names, struct minnow_error *error) {
    const char *paths[MINNOW_MOST_SCORE_FILES];
    size_t count = 0;
    char *list = strdup(names), *rest = list;
    if (!list) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "teacher-scores");
    while (rest && count < MINNOW_MOST_SCORE_FILES) paths[count++] = strsep(&rest, ",");
    enum minnow_status status =
        rest ? minnow_fail(error, MINNOW_INVALID_ARGUMENT, "teacher-scores: found more than %d files",
                           MINNOW_MOST_SCORE_FILES)
             : read_files(data, paths, count, error);
    free(list);
    return status;
}

enum minnow_status minnow_triples_read(struct minnow_data_folder *data, const struct minnow_loss_list *losses,
                                       const char *teacher_scores, struct minnow_error *error) {
    if (data->triples || !minnow_loss_list_has(losses, MINNOW_TASK_PAIRS)) return MINNOW_OK;
    if (teacher_scores) return read_named(data, teacher_scores, error);
    if (!data->score_file_count) return MINNOW_OK;
    return read_files(data, (const char *const *)data->score_files, data->score_file_count, error);
}

/* ---- From pairs and their negatives ---- */

static float dot(const struct minnow_trainer *trainer, uint32_t query, uint32_t passage) {
    float score = minnow_text_pool_dot(&trainer->pool, query, passage);
    return score / (float)minnow_trainer_teacher_temperature(trainer);
}

static enum minnow_status score_by_vectors(struct minnow_trainer *trainer, struct minnow_error *error) {
    enum minnow_status status =
        minnow_text_pool_encode(&trainer->pool, &trainer->teacher, MINNOW_QUERY, &trainer->progress, error);
    if (!status)
        status = minnow_text_pool_encode(&trainer->pool, &trainer->teacher, MINNOW_DOCUMENT, &trainer->progress, error);
    for (size_t i = 0; !status && i < trainer->triple_count; i++) {
        struct minnow_triple *triple = &trainer->triples[i];
        triple->positive_score = dot(trainer, triple->query, triple->positive);
        triple->negative_score = dot(trainer, triple->query, triple->negative);
    }
    return status;
}

/* The triples of a pair stand side by side: the positive is scored once. */
static enum minnow_status score_by_pairs(struct minnow_trainer *trainer, struct minnow_error *error) {
    const struct minnow_training_pairs *texts = &trainer->data->texts;
    size_t each = trainer->negative_count;
    struct minnow_text *documents = malloc((each + 1) * sizeof *documents);
    float *scores = malloc((each + 1) * sizeof *scores);
    enum minnow_status status = MINNOW_OK;
    if (!documents || !scores) status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu scores", each);
    for (size_t i = 0; !status && i < texts->count; i++) {
        struct minnow_triple *triples = trainer->triples + i * each;
        documents[0] = minnow_text_set_get(&texts->passages, triples->positive);
        for (size_t k = 0; k < each; k++)
            documents[k + 1] = minnow_text_set_get(&texts->passages, triples[k].negative);
        status = minnow_teacher_session_score(&trainer->teacher, minnow_text_set_get(&texts->queries, triples->query),
                                              documents, each + 1, scores, error);
        for (size_t k = 0; !status && k < each; k++) {
            triples[k].positive_score = scores[0];
            triples[k].negative_score = scores[k + 1];
        }
        if (trainer->progress.report)
            trainer->progress.report(trainer->progress.context, "scoring with the teacher", i + 1, texts->count);
    }
    free(documents);
    free(scores);
    return status;
}

static enum minnow_status score(struct minnow_trainer *trainer, struct minnow_error *error) {
    if (!minnow_loss_list_needs_teacher(&trainer->losses, MINNOW_TASK_PAIRS)) return MINNOW_OK;
    if (!trainer->teacher.contents)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "teacher is missing: the loss needs one, or files of its scores (*.tsv, --teacher-scores)");
    return minnow_teacher_session_has_vectors(&trainer->teacher) ? score_by_vectors(trainer, error)
                                                                 : score_by_pairs(trainer, error);
}

enum minnow_status minnow_triples_mine(struct minnow_trainer *trainer, struct minnow_error *error) {
    const struct minnow_training_pairs *texts = &trainer->data->texts;
    uint32_t each = trainer->options.negatives ? trainer->options.negatives : 1;
    if (!texts->count)
        return minnow_fail(error, MINNOW_BAD_INPUT,
                           "%.200s: holds neither files of scores nor pairs of a query and a passage, which losses "
                           "over pairs need",
                           trainer->options.data);
    enum minnow_status status = minnow_negatives_mine(trainer, each, error);
    if (!status) status = take_room(texts->count * trainer->negative_count, &trainer->triples, error);
    for (size_t i = 0; !status && i < texts->count * trainer->negative_count; i++) {
        struct minnow_training_pair pair = texts->items[i / trainer->negative_count];
        trainer->triples[trainer->triple_count++] =
            (struct minnow_triple){0, 0, pair.query, pair.passage, trainer->negatives[i]};
    }
    return status ? status : score(trainer, error);
}
