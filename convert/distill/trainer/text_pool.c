#include "convert/distill/trainer/text_pool.h"

#include <stdlib.h>
#include <string.h>

#include "convert/blas.h"

enum minnow_status minnow_text_pool_tokenize(struct minnow_text_pool *pool, const struct minnow_contents *student,
                                             enum minnow_role role, const struct minnow_progress *progress,
                                             struct minnow_error *error) {
    if (pool->tokens[role].first) return MINNOW_OK;
    return minnow_token_texts_make(student, role, pool->sets[role], progress, &pool->tokens[role], error);
}

enum minnow_status minnow_text_pool_encode(struct minnow_text_pool *pool, struct minnow_teacher_session *teacher,
                                           enum minnow_role role, const struct minnow_progress *progress,
                                           struct minnow_error *error) {
    if (pool->vectors[role]) return MINNOW_OK;
    pool->dimensions = teacher->session->dimensions;
    return minnow_teacher_session_encode(teacher, role, pool->sets[role], progress, &pool->vectors[role], error);
}

void minnow_text_pool_free(struct minnow_text_pool *pool) {
    for (int role = 0; role < 2; role++) {
        minnow_token_texts_free(&pool->tokens[role]);
        free(pool->vectors[role]);
    }
    *pool = (struct minnow_text_pool){0};
}

float minnow_text_pool_dot(const struct minnow_text_pool *pool, uint32_t query, uint32_t passage) {
    return minnow_blas()->sdot((int)pool->dimensions, minnow_text_pool_vector(pool, MINNOW_QUERY, query), 1,
                               minnow_text_pool_vector(pool, MINNOW_DOCUMENT, passage), 1);
}

float *minnow_text_pool_gather(const struct minnow_text_pool *pool, enum minnow_role role, const uint32_t *texts,
                               uint32_t count, struct minnow_tape *tape) {
    float *rows = minnow_tape_floats(tape, count * pool->dimensions);
    for (uint32_t i = 0; rows && i < count; i++)
        memcpy(rows + i * pool->dimensions, minnow_text_pool_vector(pool, role, texts[i]),
               pool->dimensions * sizeof *rows);
    return rows;
}
