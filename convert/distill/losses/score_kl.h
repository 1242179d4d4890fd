/* Score matching: the student's distribution over each query's candidates is drawn to the teacher's,
 *     mean over queries of KL(p || q),  p = softmax(target / target_temperature),  q = softmax(scores / temperature).
 * The score distillation that EmbedDistill (arXiv 2301.12005) starts from, and the response loss and layer
 * loss of LEAD (arXiv 2212.05225), which sums both directions where the teacher is trained too. Nothing is multiplied
 * by a squared temperature: that is a matter of the weight. Conventions: embedding_matching.h. */
#ifndef MINNOW_LOSS_SCORE_KL_H
#define MINNOW_LOSS_SCORE_KL_H

#include "convert/distill/losses/score_lists.h"

/* One side: its scores, list beside list, and where its gradient goes, or NULL (a frozen teacher). */
struct minnow_scored {
    const float *scores;
    double temperature;
    float *gradient;
};

/* KL(target || student). */
double minnow_loss_score_kl(const struct minnow_score_lists *lists, const struct minnow_scored *target,
                            const struct minnow_scored *student, double weight);
/* KL(teacher || student) + KL(student || teacher). */
double minnow_loss_score_kl_both(const struct minnow_score_lists *lists, const struct minnow_scored *teacher,
                                 const struct minnow_scored *student, double weight);

#endif
