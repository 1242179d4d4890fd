/* Scores of a query's relevant document and of another one, for losses over pairs. */
#ifndef MINNOW_SCORE_PAIRS_OF_LOSSES_H
#define MINNOW_SCORE_PAIRS_OF_LOSSES_H

#include <stddef.h>

struct minnow_pair_scores {
    const float *positive, *negative; /* [count] */
};

/* Both NULL where the loss alone is asked for. */
struct minnow_pair_gradients {
    float *positive, *negative; /* [count] */
};

/* Add the derivative of a loss by the margin (positive - negative) of pair i to both. */
static inline void minnow_pair_add(const struct minnow_pair_gradients *gradients, size_t i, double slope) {
    if (!gradients->positive) return;
    gradients->positive[i] += (float)slope;
    gradients->negative[i] -= (float)slope;
}

static inline double minnow_pair_margin(const struct minnow_pair_scores *scores, size_t i) {
    return (double)scores->positive[i] - (double)scores->negative[i];
}

#endif
