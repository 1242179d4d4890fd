/* The k best hits of a stream, in the caller's memory: a heap whose root is the worst kept. */
#ifndef MINNOW_TOP_K_H
#define MINNOW_TOP_K_H

#include "minnow.h"

struct minnow_top_k {
    struct minnow_hit *hits; /* [capacity], the caller's */
    size_t capacity, count;
};

/* Higher score first, then lower document number: a total order, so any order of offers gives the
 * same hits. Scores are never NaN. */
static inline bool minnow_hit_better(struct minnow_hit a, struct minnow_hit b) {
    return a.score != b.score ? a.score > b.score : a.document < b.document;
}

/* Keep a hit that is better than the worst kept, or that finds room. */
void minnow_top_k_keep(struct minnow_top_k *top, struct minnow_hit hit);

/* Nearly every hit of a long stream fails this test, so it is inline. */
static inline void minnow_top_k_offer(struct minnow_top_k *top, int64_t document, float score) {
    struct minnow_hit hit = {document, score};
    if (top->count < top->capacity || (top->capacity && minnow_hit_better(hit, top->hits[0])))
        minnow_top_k_keep(top, hit);
}

/* Best first. The heap is gone after this. */
void minnow_top_k_sort(struct minnow_top_k *top);

#endif
