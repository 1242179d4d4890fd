/* Scores of a batch's pairs by one encoder block of a network (LEAD, arXiv 2212.05225): of what texts are after it, by
 * dot, cosine or MaxSim as the model compares them; or, of a cross-encoder, what its head makes of the block's rows. */
#ifndef MINNOW_TRAINER_LAYER_SCORES_H
#define MINNOW_TRAINER_LAYER_SCORES_H

#include "convert/distill/trainer/layer_vectors.h"

/* Blocks that give scores; 0: none, or not as many for queries as for documents, or not as wide. */
uint32_t minnow_layer_scores_blocks(const struct minnow_contents *contents);

struct minnow_layer_scores {
    struct minnow_team *team;
    uint32_t block;
    struct minnow_vectors vectors[2]; /* by role; nothing where a head scores */
    struct minnow_scoring scoring;    /* scores, over the temperature, and their gradient for a loss to fill in */
};

/* `team` has encoded the texts of `pairs`, or, where it joins their tokens, scored these pairs. Everything lies on
 * `tape`. */
enum minnow_status minnow_layer_scores_make(struct minnow_team *team, uint32_t block,
                                            const struct minnow_text_pair *pairs, size_t count, double temperature,
                                            struct minnow_tape *tape, struct minnow_layer_scores *scores,
                                            struct minnow_error *error);
/* Their gradient to the team's traces; not where a head scores. False: out of memory. */
bool minnow_layer_scores_back(struct minnow_layer_scores *scores);

#endif
