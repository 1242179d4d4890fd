/* LEAD, liberal feature-based distillation (arXiv 2212.05225): some layers of either side are drawn, kept in
 * order and joined pair by pair; each gives scores of its own for the candidates, and the student's distribution is
 * drawn to the teacher's,
 *     sum over pairs i of w_i KL(p^t_i || p^s_i),   w = softmax(-NLL^t_i / tau),
 * where NLL^t_i is the teacher layer's own loss of the positives (contrastive.h): layers that know the answer teach
 * most. The weights have no gradient. Layers meet in distributions only, so widths, tokenizers and kinds may differ.
 * Conventions: embedding_matching.h. */
#ifndef MINNOW_LOSS_LEAD_H
#define MINNOW_LOSS_LEAD_H

#include "convert/distill/losses/score_kl.h"
#include "runtime/error.h"

enum { MINNOW_LEAD_PAIRS = 64 }; /* at most */

struct minnow_lead_draw {
    uint32_t count;
    uint32_t teacher[MINNOW_LEAD_PAIRS], student[MINNOW_LEAD_PAIRS]; /* both ascending */
};

struct minnow_lead_layers {
    uint32_t teacher, student; /* how many each side has */
    uint32_t count;            /* how many are drawn of each, at most as many as either has, and MINNOW_LEAD_PAIRS */
    uint32_t redraw_every;     /* steps; at least 1 */
};

/* The layers of one step: without replacement, anew every `redraw_every` steps, the same for the same seed and step. */
enum minnow_status minnow_lead_draw(const struct minnow_lead_layers *layers, uint64_t seed, uint64_t step,
                                    struct minnow_lead_draw *draw, struct minnow_error *error);

/* Scores of one pair of layers; the teacher's gradient is NULL where it is frozen. */
struct minnow_lead_pair {
    struct minnow_scored teacher, student;
};

struct minnow_lead_candidates {
    struct minnow_score_lists lists;
    const uint32_t *positives; /* [lists.count], as in contrastive.h */
};

/* pair_weights: [count], receives w; count is at most MINNOW_LEAD_PAIRS. tau: above 0, 10 in the paper's code;
 * INFINITY weighs all layers alike. */
double minnow_loss_lead(const struct minnow_lead_candidates *candidates, const struct minnow_lead_pair *pairs,
                        size_t count, double tau, double weight, double *pair_weights);

#endif
