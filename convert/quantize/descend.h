/* Rounding made better one weight at a time. */
#ifndef MINNOW_DESCEND_H
#define MINNOW_DESCEND_H

#include <stdbool.h>

#include "convert/quantize/rounding.h"

/* q, [outputs][inputs], as minnow_round_compensated left it: each weight in turn takes the level at which the product's
 * squared error over H = sum r r^T is least while the others stay, several times over. grid has steps. moment: H,
 * its upper triangle. False: out of memory. */
bool minnow_round_descend(const float *weight, size_t outputs, size_t inputs, const struct minnow_grid *grid,
                          const float *moment, int8_t *q);

#endif
