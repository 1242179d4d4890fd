/* The teacher of a run: f32 contents, a session over them or over a model file of it, and what it said before. */
#ifndef MINNOW_TRAINER_TEACHER_SESSION_H
#define MINNOW_TRAINER_TEACHER_SESSION_H

#include "convert/distill/data/teacher_vectors.h"
#include "convert/distill/data/text_set.h"

/* Zero it to begin; all zeros where there is no teacher. */
struct minnow_teacher_session {
    const struct minnow_contents *contents; /* borrowed */
    struct minnow_model *model;
    struct minnow_session *session;
    struct minnow_vector_cache *cache; /* or NULL */
};

struct minnow_teacher_options {
    const char *model_path; /* of the same teacher, with fewer bits: vectors and scores are this one's; or NULL */
    const char *cache_path; /* or NULL */
    uint32_t threads;
};

/* Close it after a failure too. MINNOW_SPACE_MISMATCH: the model file is another teacher's. */
enum minnow_status minnow_teacher_session_open(const struct minnow_contents *contents,
                                               const struct minnow_teacher_options *options,
                                               struct minnow_teacher_session *teacher, struct minnow_error *error);
void minnow_teacher_session_close(struct minnow_teacher_session *teacher);

/* It makes one vector of a text. */
bool minnow_teacher_session_has_vectors(const struct minnow_teacher_session *teacher);
/* *vectors: [texts->count][dimensions], malloc'ed. */
enum minnow_status minnow_teacher_session_encode(struct minnow_teacher_session *teacher, enum minnow_role role,
                                                 const struct minnow_text_set *texts,
                                                 const struct minnow_progress *progress, float **vectors,
                                                 struct minnow_error *error);
/* Its scores of a query and some documents, by its own similarity. */
enum minnow_status minnow_teacher_session_score(struct minnow_teacher_session *teacher, struct minnow_text query,
                                                const struct minnow_text *documents, size_t count, float *scores,
                                                struct minnow_error *error);

#endif
