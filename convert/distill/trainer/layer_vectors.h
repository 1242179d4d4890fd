/* What a team's texts are after an encoder block, as the model compares texts: one vector each, the first token's row
 * where the route pools so, else the rows' mean (models whose first token means nothing, as MiniLM's, need the mean);
 * or the rows of all tokens that count, where MaxSim compares. What LEAD (arXiv 2212.05225) scores candidates by. */
#ifndef MINNOW_TRAINER_LAYER_VECTORS_H
#define MINNOW_TRAINER_LAYER_VECTORS_H

#include "convert/distill/team.h"

/* Encoder blocks of a route but for one that ends it; layers[i], if layers is not NULL, is where the i-th stands. */
uint32_t minnow_layer_vectors_blocks(const struct minnow_route *route, uint32_t *layers);

/* Where the last block stands; the route has one. */
uint32_t minnow_layer_vectors_last_block(const struct minnow_route *route);

/* Of the texts of a role that the team has encoded, after a layer. On `tape`; false: out of memory. */
bool minnow_layer_vectors_gather(const struct minnow_team *team, enum minnow_role role, uint32_t layer,
                                 struct minnow_tape *tape, struct minnow_vectors *vectors);
/* Their gradient to the traces, which then can go back; false: out of memory. */
bool minnow_layer_vectors_scatter(const struct minnow_team *team, enum minnow_role role, uint32_t layer,
                                  const struct minnow_vectors *vectors);

#endif
