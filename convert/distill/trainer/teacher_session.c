#include "convert/distill/trainer/teacher_session.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH_TOKENS = 2048 }; /* f32 products are at their best with many rows */

static enum minnow_status open_model(const struct minnow_contents *contents, const char *path,
                                     struct minnow_model **model, struct minnow_error *error) {
    if (!path) return minnow_model_open_contents(contents, NULL, model, error);
    enum minnow_status status = minnow_model_open_path(path, NULL, model, error);
    if (status || memcmp((*model)->contents.space, contents->space, sizeof contents->space) == 0) return status;
    return minnow_fail(error, MINNOW_SPACE_MISMATCH,
                       "teacher-model: %.300s: is of another space than the teacher, expected what `minnow convert` "
                       "makes of it",
                       path);
}

enum minnow_status minnow_teacher_session_open(const struct minnow_contents *contents,
                                               const struct minnow_teacher_options *options,
                                               struct minnow_teacher_session *teacher, struct minnow_error *error) {
    const struct minnow_session_options session = {
        .size = sizeof session, .threads = options->threads, .max_batch_tokens = BATCH_TOKENS};
    teacher->contents = contents;
    enum minnow_status status = open_model(contents, options->model_path, &teacher->model, error);
    if (!status) status = minnow_session_create(teacher->model, &session, &teacher->session, error);
    if (!status && options->cache_path) status = minnow_vector_cache_open(options->cache_path, &teacher->cache, error);
    return status;
}

void minnow_teacher_session_close(struct minnow_teacher_session *teacher) {
    minnow_vector_cache_close(teacher->cache);
    minnow_session_close(teacher->session);
    minnow_model_close(teacher->model);
    *teacher = (struct minnow_teacher_session){0};
}

bool minnow_teacher_session_has_vectors(const struct minnow_teacher_session *teacher) {
    struct minnow_model_info info;
    if (!teacher->model) return false;
    minnow_model_info(teacher->model, &info);
    return info.dimensions && !info.token_vectors;
}

enum minnow_status minnow_teacher_session_encode(struct minnow_teacher_session *teacher, enum minnow_role role,
                                                 const struct minnow_text_set *texts,
                                                 const struct minnow_progress *progress, float **vectors,
                                                 struct minnow_error *error) {
    size_t row = teacher->session->dimensions * sizeof(float);
    struct minnow_text *list = calloc((size_t)texts->count + 1, sizeof *list);
    enum minnow_status status = MINNOW_OK;
    *vectors = malloc(texts->count * row + 1);
    if (!list || !*vectors)
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "the teacher's vectors of %u texts", texts->count);
    for (uint32_t i = 0; !status && i < texts->count; i++) list[i] = minnow_text_set_get(texts, i);
    if (!status)
        status = minnow_teacher_vectors(teacher->cache, teacher->session, role, list, texts->count, progress, *vectors,
                                        error);
    free(list);
    if (!status) return MINNOW_OK;
    free(*vectors);
    *vectors = NULL;
    return status;
}

/* ---- Scores ---- */

static bool find_score(const struct minnow_teacher_session *teacher, struct minnow_text query,
                       struct minnow_text document, float *score) {
    uint8_t key[MINNOW_VECTOR_KEY];
    if (!teacher->cache) return false;
    minnow_teacher_score_key(teacher->model, query, document, key);
    const float *known = minnow_vector_cache_find(teacher->cache, key, 1);
    if (known) *score = *known;
    return known;
}

static enum minnow_status keep_score(const struct minnow_teacher_session *teacher, struct minnow_text query,
                                     struct minnow_text document, float score, struct minnow_error *error) {
    uint8_t key[MINNOW_VECTOR_KEY];
    if (!teacher->cache) return MINNOW_OK;
    minnow_teacher_score_key(teacher->model, query, document, key);
    return minnow_vector_cache_add(teacher->cache, key, &score, 1, error);
}

/* Documents whose scores are not known yet. */
struct missing {
    struct minnow_text *documents;
    size_t *places; /* among all */
    float *scores;
    size_t count;
};

static bool take_room(size_t count, struct missing *missing) {
    *missing = (struct missing){malloc((count + 1) * sizeof *missing->documents),
                                malloc((count + 1) * sizeof *missing->places),
                                malloc((count + 1) * sizeof *missing->scores), 0};
    return missing->documents && missing->places && missing->scores;
}

static void give_room(struct missing *missing) {
    free(missing->documents);
    free(missing->places);
    free(missing->scores);
}

static enum minnow_status score_missing(struct minnow_teacher_session *teacher, struct minnow_text query,
                                        const struct missing *missing, float *scores, struct minnow_error *error) {
    if (!missing->count) return MINNOW_OK;
    enum minnow_status status =
        minnow_score(teacher->session, query, missing->documents, missing->count, missing->scores, NULL, NULL, error);
    for (size_t i = 0; !status && i < missing->count; i++) {
        scores[missing->places[i]] = missing->scores[i];
        status = keep_score(teacher, query, missing->documents[i], missing->scores[i], error);
    }
    return status;
}

enum minnow_status minnow_teacher_session_score(struct minnow_teacher_session *teacher, struct minnow_text query,
                                                const struct minnow_text *documents, size_t count, float *scores,
                                                struct minnow_error *error) {
    struct missing missing;
    enum minnow_status status = MINNOW_OK;
    if (!take_room(count, &missing))
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "scores of %zu documents", count);
    for (size_t i = 0; !status && i < count; i++) {
        if (find_score(teacher, query, documents[i], &scores[i])) continue;
        missing.documents[missing.count] = documents[i];
        missing.places[missing.count++] = i;
    }
    if (!status) status = score_missing(teacher, query, &missing, scores, error);
    give_room(&missing);
    return status;
}
