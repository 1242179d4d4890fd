/* Per-channel multipliers that make a linear's inputs and weights easy to round. */
#ifndef MINNOW_EQUALIZE_H
#define MINNOW_EQUALIZE_H

#include "convert/memory.h"
#include "runtime/model/model.h"

/* Real input rows of one linear. */
struct minnow_input_sample {
    const struct minnow_linear *linear;
    float *rows; /* [row_count][inputs] */
    size_t row_count;
};

/* Equalization as in SmoothQuant (arXiv 2211.10438): input channel j is multiplied by m_j while it
 * is quantized and weight column j divided by it. Starts from that paper's eq. 4 with strength 0.5
 * and then descends on the expected squared error of the rounded product,
 *   E[range_t(x m)^2] / 254^2 * sum_j |w_j|^2 / m_j^2  +  gamma * sum_o max_j(|w_oj| / m_j)^2 / 127^2 * sum_j E[x_j^2] m_j^2,
 * its activations' and its weights' part; gamma < 1 because compensated rounding removes most of
 * the second. Returns multiplier[inputs] from `memory`, or NULL when memory ran out. */
float *minnow_equalize(const struct minnow_input_sample *sample, struct minnow_memory *memory);

#endif
