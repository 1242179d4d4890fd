/* Scores of each query's candidates: the lists of a batch, side by side. Where every query has the same candidates
 * (in-batch), each list has the same length. */
#ifndef MINNOW_SCORE_LISTS_H
#define MINNOW_SCORE_LISTS_H

#include <stddef.h>
#include <stdint.h>

struct minnow_score_lists {
    size_t count;            /* of lists */
    const uint32_t *lengths; /* [count]; an empty list has loss 0, and counts in a mean */
};

/* log(sum(exp(score / temperature))); count is not 0, temperature is above 0. */
double minnow_log_sum_exp(const float *scores, size_t count, double temperature);
/* probabilities: [count]; they sum to 1. */
void minnow_softmax(const float *scores, size_t count, double temperature, double *probabilities);

#endif
