/* Documents to parts, as an index stores them. */
#ifndef MINNOW_INDEX_ENCODE_PARTS_H
#define MINNOW_INDEX_ENCODE_PARTS_H

#include "runtime/session.h"

/* Parts of `count` texts, whose memory the caller frees with minnow_part_free, after a failure too; parts are zeroed
 * before. The session's model has a route for documents. `results` may be NULL. */
enum minnow_status minnow_encode_parts(struct minnow_session *session, const struct minnow_text *texts, size_t count,
                                       struct minnow_part *parts, struct minnow_text_result *results,
                                       struct minnow_error *error);

#endif
