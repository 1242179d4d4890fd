/* How a query and a document's part are compared. Internal. */
#ifndef MINNOW_SCORE_H
#define MINNOW_SCORE_H

#include "runtime/session.h"

/* Make the query's part, in session->parts. The session's model has routes for both roles. */
enum minnow_status minnow_score_query(struct minnow_session *session, struct minnow_text query,
                                      struct minnow_text_result *result, struct minnow_error *error);

/* Scores of documents' parts with that query, by the joint route. A score that is not finite is MINNOW_NOT_FINITE. */
enum minnow_status minnow_score_joint(struct minnow_session *session, const struct minnow_part *parts, size_t count,
                                      float *scores, struct minnow_error *error);

/* The score of one document's float rows by the model's similarity, which is not MINNOW_JOINT. `lane`: whose memory
 * is used. */
float minnow_score_rows(const struct minnow_session *session, const struct minnow_lane *lane, const float *rows,
                        uint32_t count);

/* Scores of documents with a query by a joint route that takes tokens. */
enum minnow_status minnow_score_pairs(struct minnow_session *session, struct minnow_text query,
                                      const struct minnow_text *documents, size_t count, float *scores,
                                      struct minnow_text_result *query_result, struct minnow_text_result *results,
                                      struct minnow_error *error);

/* A score of each document is finite, or the first that is not is told. */
enum minnow_status minnow_check_scores(const float *scores, size_t count, struct minnow_error *error);

#endif
