/* Multipliers and rotation that make a linear's inputs and weights easy to round. */
#ifndef MINNOW_EQUALIZE_H
#define MINNOW_EQUALIZE_H

#include "runtime/model/model.h"

/* Equalization as in SmoothQuant (arXiv 2211.10438): input channel j is multiplied by m_j before it
 * is rounded, weight column j divided by it. The rotation that follows (as in QuaRot, arXiv
 * 2404.00456) makes a row's range proportional to its norm, so the expected squared error of the
 * rounded product is proportional, for activations and weights alike, to
 *   sum_j E[x_j^2] m_j^2 * sum_j |w_j|^2 / m_j^2,   least for m_j = sqrt(|w_j| / sqrt(E[x_j^2])).
 * input_square[inputs]: E[x_j^2]. */
void minnow_equalize(const struct minnow_linear *linear, const double *input_square, float *multiplier);

/* The same for windows, which overlap: one multiplier for a column of tokens, whichever branch and tap meet it.
 * input_squares: of each branch; multiplier: [MINNOW_PADDED(width)]. */
void minnow_equalize_windows(const struct minnow_convolution *convolution, const double *const *input_squares,
                             float *multiplier);

/* The largest rotation that rotate_rows can do on rows of `inputs`; 0 for none. */
uint32_t minnow_rotation_for(uint32_t inputs);

/* rows[outputs][inputs]: the weights that do to rotated inputs what linear's do to plain ones. */
void minnow_rotate_weights(const struct minnow_linear *linear, const float *multiplier, uint32_t rotation,
                           float *rows);

#endif
