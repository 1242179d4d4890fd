#include "convert/quantize/equalize.h"

#include <math.h>

#include "kernels/reference/reference.h"

void minnow_equalize(const struct minnow_linear *linear, const double *input_square, float *multiplier) {
    const float *weight = linear->weight;
    for (size_t i = 0; i < linear->inputs; i++) {
        double weight_square = 0;
        for (size_t o = 0; o < linear->outputs; o++) {
            double w = (double)weight[o * linear->inputs + i];
            weight_square += w * w;
        }
        double wanted = sqrt(sqrt(weight_square / input_square[i]));
        /* A channel that is always zero, on either side, needs no help. */
        multiplier[i] = wanted > 1e-6 && wanted < 1e6 ? (float)wanted : 1;
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
