/* Ranking by an index: for models whose documents are no single vectors. */
#ifndef MINNOW_INDEX_RANKING_H
#define MINNOW_INDEX_RANKING_H

#include "convert/documents.h"
#include "convert/progress.h"

/* An index in a temporary file, in TMPDIR or /tmp. */
struct minnow_index_ranking {
    char folder[256], path[300];
    struct minnow_index *index;
};

/* How many documents that the words find best are scored for each query; 0 for a model that searches by itself. */
size_t minnow_ranking_candidates(const struct minnow_model_info *info);

/* Index all documents, of which number i + 1 is item i. A cross-encoder's index holds words and texts alone. End it,
 * after a failure too. */
enum minnow_status minnow_index_ranking_begin(struct minnow_index_ranking *ranking, struct minnow_session *session,
                                              const struct minnow_documents *documents,
                                              const struct minnow_progress *progress, struct minnow_error *error);
/* The k best, best first; hits are positions of items. */
enum minnow_status minnow_index_ranking_find(const struct minnow_index_ranking *ranking, struct minnow_session *session,
                                             struct minnow_text query, size_t k, struct minnow_hit *hits, size_t *found,
                                             struct minnow_error *error);
void minnow_index_ranking_end(struct minnow_index_ranking *ranking);

#endif
