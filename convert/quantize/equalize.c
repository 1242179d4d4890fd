#include "convert/quantize/equalize.h"

#include <math.h>

#include "kernels/reference/reference.h"

static double weight_square(const struct minnow_linear *linear, size_t input) {
    const float *weight = linear->weight;
    double sum = 0;
    for (size_t o = 0; o < linear->outputs; o++) {
        double w = (double)weight[o * linear->inputs + input];
        sum += w * w;
    }
    return sum;
}

static float best_multiplier(double weights, double inputs) {
    double wanted = sqrt(sqrt(weights / inputs));
    /* A channel that is always zero, on either side, needs no help. */
    return wanted > 1e-6 && wanted < 1e6 ? (float)wanted : 1;
}

void minnow_equalize(const struct minnow_linear *linear, const double *input_square, float *multiplier) {
    for (size_t i = 0; i < linear->inputs; i++)
        multiplier[i] = best_multiplier(weight_square(linear, i), input_square[i]);
}

void minnow_equalize_windows(const struct minnow_convolution *convolution, const double *const *input_squares,
                             float *multiplier) {
    size_t padded = MINNOW_PADDED(convolution->width);
    for (size_t i = 0; i < padded; i++) {
        double weights = 0, inputs = 0;
        for (size_t b = 0; b < convolution->branch_count; b++)
            for (size_t tap = 0; tap < convolution->branches[b].taps; tap++) {
                weights += weight_square(&convolution->branches[b].linear, tap * padded + i);
                inputs += input_squares[b][tap * padded + i];
            }
        multiplier[i] = best_multiplier(weights, inputs);
    }
}

uint32_t minnow_rotation_for(uint32_t inputs) {
    for (uint32_t block = MINNOW_LARGEST_ROTATION; block >= 16; block /= 2)
        if (inputs % block == 0) return block;
    return 0;
}

/* The rotation H is symmetric and H H = n, n the columns it mixes: w x = (H w / n) (H x). */
void minnow_rotate_weights(const struct minnow_linear *linear, const float *multiplier, uint32_t rotation,
                           float *rows) {
    size_t inputs = linear->inputs;
    const float *weight = linear->weight;
    float mixed = rotation ? (float)rotation / 8 : 1;
    for (size_t o = 0; o < linear->outputs; o++, weight += inputs, rows += inputs) {
        float scaled[MINNOW_LARGEST_ROTATION], inverse[MINNOW_LARGEST_ROTATION];
        size_t block = rotation ? rotation : 1;
        for (size_t first = 0; first < inputs; first += block) {
            for (size_t i = 0; i < block; i++) {
                scaled[i] = weight[first + i];
                inverse[i] = 1 / (multiplier[first + i] * mixed);
            }
            minnow_rotate_rows_reference(scaled, block, inverse, rotation, 1, block, rows + first, block);
        }
    }
}
