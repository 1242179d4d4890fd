/* Hard labels over a list: the negative log of the softmax probability of each query's positive,
 *     mean over queries of log(sum over c of exp(s_c / T)) - s_positive / T.
 * The candidates are the other queries' documents (in-batch), mined negatives, or both: L_task of EmbedDistill
 * (arXiv 2301.12005), L_stu and L_tch of LEAD (arXiv 2212.05225). Conventions: embedding_matching.h. */
#ifndef MINNOW_LOSS_CONTRASTIVE_H
#define MINNOW_LOSS_CONTRASTIVE_H

#include "convert/distill/losses/score_lists.h"

/* positives: [lists->count], the place of the positive in each list. gradient: by the scores, or NULL. */
double minnow_loss_contrastive(const struct minnow_score_lists *lists, const uint32_t *positives, const float *scores,
                               double temperature, double weight, float *gradient);

#endif
