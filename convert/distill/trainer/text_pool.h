/* All queries and passages of a run, as the student and as the teacher see them, each made once. */
#ifndef MINNOW_TRAINER_TEXT_POOL_H
#define MINNOW_TRAINER_TEXT_POOL_H

#include "convert/distill/trainer/data_folder.h"
#include "convert/distill/trainer/teacher_session.h"
#include "convert/distill/trainer/token_texts.h"

/* Zero it to begin. By role: queries and what stands for them, passages. */
struct minnow_text_pool {
    const struct minnow_text_set *sets[2]; /* borrowed */
    struct minnow_token_texts tokens[2];   /* of the student; count 0 until they are asked for */
    float *vectors[2];                     /* the teacher's, [count][dimensions]; NULL until they are asked for */
    size_t dimensions;
};

/* Make them, if they are not there yet. */
enum minnow_status minnow_text_pool_tokenize(struct minnow_text_pool *pool, const struct minnow_contents *student,
                                             enum minnow_role role, const struct minnow_progress *progress,
                                             struct minnow_error *error);
enum minnow_status minnow_text_pool_encode(struct minnow_text_pool *pool, struct minnow_teacher_session *teacher,
                                           enum minnow_role role, const struct minnow_progress *progress,
                                           struct minnow_error *error);
void minnow_text_pool_free(struct minnow_text_pool *pool);

static inline const float *minnow_text_pool_vector(const struct minnow_text_pool *pool, enum minnow_role role,
                                                   uint32_t text) {
    return pool->vectors[role] + text * pool->dimensions;
}

/* Of the teacher's vectors of a query and a passage. */
float minnow_text_pool_dot(const struct minnow_text_pool *pool, uint32_t query, uint32_t passage);

/* The teacher's vectors of some texts, one behind the other, on `tape`; NULL: out of memory. */
float *minnow_text_pool_gather(const struct minnow_text_pool *pool, enum minnow_role role, const uint32_t *texts,
                               uint32_t count, struct minnow_tape *tape);

#endif
