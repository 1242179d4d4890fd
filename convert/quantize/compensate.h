/* Rounding in which later weights make up for the error of earlier ones. */
#ifndef MINNOW_COMPENSATE_H
#define MINNOW_COMPENSATE_H

#include <stdbool.h>

#include "convert/quantize/rounding.h"

/* GPTQ (arXiv 2210.17323): round column after column, largest second moment first, and move each
 * column's error, as the inverse of H = sum r r^T tells, to columns that are still free.
 * weight: [outputs][inputs]. moment: H, its upper triangle, [inputs][inputs].
 * damping: of the mean diagonal, added to it; the fewer and coarser the levels, the more (0.01 and up).
 * out: q, so that a weight is scale[output] * q. False: out of memory. */
bool minnow_round_compensated(const float *weight, size_t outputs, size_t inputs, const struct minnow_grid *grid,
                              const float *moment, double damping, int8_t *out);

#endif
