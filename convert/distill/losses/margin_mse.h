/* Margin-MSE (Hofstaetter et al., arXiv 2010.02666): the student keeps the teacher's signed margins, on a scale of its
 * own,
 *     mean of ((s+ - s-) - (t+ - t-))^2
 * and what the paper sets it against: pointwise MSE of both scores, mean of ((s+ - t+)^2 + (s- - t-)^2) / 2.
 * Conventions: embedding_matching.h. */
#ifndef MINNOW_LOSS_MARGIN_MSE_H
#define MINNOW_LOSS_MARGIN_MSE_H

#include "convert/distill/losses/score_pairs.h"

double minnow_loss_margin_mse(const struct minnow_pair_scores *teacher, const struct minnow_pair_scores *student,
                              size_t count, double weight, const struct minnow_pair_gradients *gradients);
double minnow_loss_pair_mse(const struct minnow_pair_scores *teacher, const struct minnow_pair_scores *student,
                            size_t count, double weight, const struct minnow_pair_gradients *gradients);

#endif
