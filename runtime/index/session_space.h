/* Which space a model's and a session's vectors are of, and what an index makes of a session's query. */
#ifndef MINNOW_INDEX_SESSION_SPACE_H
#define MINNOW_INDEX_SESSION_SPACE_H

#include "runtime/index/store.h"
#include "runtime/session.h"

/* False for a model that stores nothing of a document (a cross-encoder). */
bool minnow_space_of_model(const struct minnow_model *model, struct minnow_space *space);
/* The session's vectors are of the index's space, and as long. */
bool minnow_session_in_space(const struct minnow_index *index, const struct minnow_session *session);
/* The same, or MINNOW_SPACE_MISMATCH. */
enum minnow_status minnow_session_space_check(const struct minnow_index *index, const struct minnow_session *session,
                                              struct minnow_error *error);

/* Encode search->query, and let search->index take it: its vector, or its rows. The session is of the index's space,
 * which is not MINNOW_JOINT. */
enum minnow_status minnow_search_begin(struct minnow_search *search, struct minnow_session *session,
                                       struct minnow_error *error);

#endif
