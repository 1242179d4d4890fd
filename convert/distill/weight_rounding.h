/* Training for 4 bits: a network computes with the weights that `minnow convert --weights s4` will give it, and its
 * optimizer moves the exact ones (straight-through estimation, arXiv 1308.3432, as in LSQ, arXiv 1902.08153).
 *
 * Words and encoder blocks are rounded, as far as the converter does so; a block's weights as they are once rotated.
 * The grid is the converter's own (quantize/rounding.h), found anew every few steps; what is written of the network is
 * on it, and the converter takes such weights as they are. */
#ifndef MINNOW_WEIGHT_ROUNDING_H
#define MINNOW_WEIGHT_ROUNDING_H

#include <stdio.h>

#include "convert/distill/network.h"
#include "runtime/parallel.h"

struct minnow_weight_rounding; /* NULL, wherever one is taken: nothing is rounded */

/* Of a network's weights as they are, which stay exact until they are laid; for as many threads as `lanes`. Taken from
 * `memory`. MINNOW_INVALID_ARGUMENT: the model is none that 4 bits are for. */
enum minnow_status minnow_weight_rounding_create(const struct minnow_network *network, size_t lanes,
                                                 struct minnow_memory *memory, struct minnow_weight_rounding **rounding,
                                                 struct minnow_error *error);

/* Find the grid of exact weights. */
void minnow_weight_rounding_fit(struct minnow_weight_rounding *rounding, struct minnow_threads *threads);
/* Exact weights aside, rounded ones in their place; and back. */
void minnow_weight_rounding_lay(struct minnow_weight_rounding *rounding, struct minnow_threads *threads);
void minnow_weight_rounding_lift(struct minnow_weight_rounding *rounding);

/* The grid, for a run to go on with. */
enum minnow_status minnow_weight_rounding_save(const struct minnow_weight_rounding *rounding, FILE *file,
                                               struct minnow_error *error);
enum minnow_status minnow_weight_rounding_load(struct minnow_weight_rounding *rounding, FILE *file,
                                               struct minnow_error *error);

#endif
