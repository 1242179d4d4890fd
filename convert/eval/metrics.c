#include "convert/eval/metrics.h"

#include <math.h>

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static double discounted_gain(const int32_t *gains, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < smaller(count, MINNOW_NDCG_DEPTH); i++)
        if (gains[i] > 0) sum += gains[i] / log2((double)i + 2);
    return sum;
}

static size_t count_relevant(const int32_t *judgements, size_t count) {
    size_t relevant = 0;
    for (size_t i = 0; i < count; i++) relevant += judgements[i] > 0;
    return relevant;
}

/* Insert into a descending list that keeps its best MINNOW_NDCG_DEPTH; returns its length. */
static size_t insert_descending(int32_t *best, size_t length, int32_t value) {
    size_t at = length < MINNOW_NDCG_DEPTH ? length : MINNOW_NDCG_DEPTH - 1;
    if (length == MINNOW_NDCG_DEPTH && best[at] >= value) return length;
    for (; at > 0 && best[at - 1] < value; at--) best[at] = best[at - 1];
    best[at] = value;
    return smaller(length + 1, MINNOW_NDCG_DEPTH);
}

static double ideal_gain(const int32_t *judged, size_t count) {
    int32_t best[MINNOW_NDCG_DEPTH];
    size_t length = 0;
    for (size_t i = 0; i < count; i++) length = insert_descending(best, length, judged[i]);
    return discounted_gain(best, length);
}

static double reciprocal_rank(const int32_t *ranked, size_t count) {
    for (size_t i = 0; i < smaller(count, MINNOW_MRR_DEPTH); i++)
        if (ranked[i] > 0) return 1.0 / (double)(i + 1);
    return 0;
}

bool minnow_metrics_of_query(const int32_t *ranked, size_t ranked_count, const int32_t *judged, size_t judged_count,
                             struct minnow_metrics *metrics) {
    size_t relevant = count_relevant(judged, judged_count);
    if (!relevant) return false;
    size_t found = count_relevant(ranked, smaller(ranked_count, MINNOW_RECALL_DEPTH));
    metrics->ndcg_at_10 = discounted_gain(ranked, ranked_count) / ideal_gain(judged, judged_count);
    metrics->mrr_at_10 = reciprocal_rank(ranked, ranked_count);
    metrics->recall_at_100 = (double)found / (double)relevant;
    return true;
}
