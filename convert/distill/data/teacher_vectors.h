/* A teacher's vectors of texts, each computed once and kept in a cache. */
#ifndef MINNOW_TEACHER_VECTORS_H
#define MINNOW_TEACHER_VECTORS_H

#include "convert/distill/data/vector_cache.h"
#include "convert/progress.h"
#include "runtime/session.h"

/* What the vector of a text depends on, hashed (SHA-256): the model's space, weights and quantization, the role with
 * its prompt and limit, and the text. The f32 and the 8-bit form of a model share a space, not their vectors'
 * bits. */
void minnow_teacher_vector_key(const struct minnow_model *model, enum minnow_role role, struct minnow_text text,
                               uint8_t key[MINNOW_VECTOR_KEY]);

/* The same of its score of a query and a document. */
void minnow_teacher_score_key(const struct minnow_model *model, struct minnow_text query, struct minnow_text document,
                              uint8_t key[MINNOW_VECTOR_KEY]);

/* vectors: [count][the session's dimensions]. Those that the cache lacks are encoded, the long texts together, and
 * added batch by batch, so what was done when the work is interrupted is done. cache: NULL keeps nothing. */
enum minnow_status minnow_teacher_vectors(struct minnow_vector_cache *cache, struct minnow_session *session,
                                          enum minnow_role role, const struct minnow_text *texts, size_t count,
                                          const struct minnow_progress *progress, float *vectors,
                                          struct minnow_error *error);

#endif
