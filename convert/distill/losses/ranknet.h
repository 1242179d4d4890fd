/* RankNet (Burges et al. 2005): mean of log(1 + exp(-(s+ - s-))), which Margin-MSE's teachers are trained with; and
 * weighted RankNet, where each pair counts by the teacher's margin t+ - t-, which may be negative (both in
 * arXiv 2010.02666). Conventions: embedding_matching.h. */
#ifndef MINNOW_LOSS_RANKNET_H
#define MINNOW_LOSS_RANKNET_H

#include "convert/distill/losses/score_pairs.h"

/* teacher: NULL for RankNet without weights. */
double minnow_loss_ranknet(const struct minnow_pair_scores *teacher, const struct minnow_pair_scores *student,
                           size_t count, double weight, const struct minnow_pair_gradients *gradients);

#endif
