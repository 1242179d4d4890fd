/* Ranking quality of one query, as trec_eval defines it. */
#ifndef MINNOW_METRICS_H
#define MINNOW_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MINNOW_NDCG_DEPTH = 10, MINNOW_MRR_DEPTH = 10, MINNOW_RECALL_DEPTH = 100 };

struct minnow_metrics {
    double ndcg_at_10, mrr_at_10, recall_at_100;
};

/* ranked[i]: the judgement of the document at rank i + 1, 0 where there is none; at most the
 * deepest cut is looked at. judged: all judgements of the query, in any order. Relevant is 1 or more,
 * and the gain is the judgement. False, and nothing written, where no judged document is relevant. */
bool minnow_metrics_of_query(const int32_t *ranked, size_t ranked_count, const int32_t *judged, size_t judged_count,
                             struct minnow_metrics *metrics);

#endif
