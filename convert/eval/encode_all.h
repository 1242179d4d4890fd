/* Many texts to vectors, the long ones together. */
#ifndef MINNOW_ENCODE_ALL_H
#define MINNOW_ENCODE_ALL_H

#include "convert/documents.h"
#include "convert/progress.h"

/* *vectors: [documents->count][dimensions], malloc'ed. The texts are encoded longest first, in
 * batches; row i belongs to item i. */
enum minnow_status minnow_encode_all(struct minnow_session *session, enum minnow_role role,
                                     const struct minnow_documents *documents, const char *stage,
                                     const struct minnow_progress *progress, float **vectors,
                                     struct minnow_error *error);

#endif
