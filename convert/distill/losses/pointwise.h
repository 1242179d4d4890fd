/* Scores one by one.
 *
 * Soft labels of a cross-attention teacher for students that encode claims and documents apart (arXiv 1911.11065), as
 * Hinton et al. (arXiv 1503.02531) mix them with hard ones:
 *     mean of alpha T^2 BCE(sigmoid(s / T), sigmoid(t / T)) + (1 - alpha) BCE(sigmoid(s), y)
 * and the plain fit of scores, mean of (s - t)^2. Where the two sides differ in scale: score_scale.h. Conventions:
 * embedding_matching.h. */
#ifndef MINNOW_LOSS_POINTWISE_H
#define MINNOW_LOSS_POINTWISE_H

#include <stddef.h>

/* Above 0; alpha in [0, 1] is the share of soft labels. */
struct minnow_soft_labels {
    double temperature, alpha;
};

/* All arrays [count]. teacher (logits): may be NULL where alpha is 0; labels (0 to 1): may be NULL where it is 1. */
double minnow_loss_pointwise_bce(const struct minnow_soft_labels *soft, const float *teacher, const float *labels,
                                 const float *student, size_t count, double weight, float *gradient);
double minnow_loss_pointwise_mse(const float *teacher, const float *student, size_t count, double weight,
                                 float *gradient);

#endif
