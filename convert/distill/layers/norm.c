#include "convert/distill/layers/norm.h"

#include <math.h>
#include <string.h>

#include "convert/distill/layers/lanes.h"
#include "convert/distill/weights.h"

bool minnow_normed_take(struct minnow_tape *tape, size_t rows, size_t width, struct minnow_normed *normed) {
    normed->normalized = minnow_tape_floats(tape, rows * width);
    normed->inverse = minnow_tape_floats(tape, rows);
    return normed->normalized && normed->inverse;
}

/* v to (v - mean) / sqrt(variance + epsilon), in place; returns what it was multiplied by. */
static float normalize(float *v, size_t width, float epsilon) {
    float mean = minnow_row_sum(v, width) / (float)width;
    for (size_t c = 0; c < width; c++) v[c] -= mean;
    float inverse = 1.0f / sqrtf(minnow_row_dot(v, v, width) / (float)width + epsilon);
    for (size_t c = 0; c < width; c++) v[c] *= inverse;
    return inverse;
}

void minnow_train_norm(const struct minnow_layer_norm *norm, const float *in, const float *residual, size_t rows,
                       const struct minnow_normed *normed, float *out) {
    size_t width = norm->width;
    for (size_t r = 0; r < rows; r++) {
        float *v = normed->normalized + r * width;
        memcpy(v, in + r * width, width * sizeof *v);
        if (residual) minnow_row_add(1, residual + r * width, width, v);
        normed->inverse[r] = normalize(v, width, norm->epsilon);
        for (size_t c = 0; c < width; c++) out[r * width + c] = v[c] * norm->gamma[c] + norm->beta[c];
    }
}

/* With g = gamma * out_gradient and n what is normalized: inverse * (g - mean(g) - n * mean(g * n)). */
static void row_back(const float *gamma, const float *normalized, float inverse, size_t width,
                     const float *out_gradient, float *in_gradient) {
    for (size_t c = 0; c < width; c++) in_gradient[c] = gamma[c] * out_gradient[c];
    float mean = minnow_row_sum(in_gradient, width) / (float)width;
    float slope = minnow_row_dot(in_gradient, normalized, width) / (float)width;
    for (size_t c = 0; c < width; c++) in_gradient[c] = inverse * (in_gradient[c] - mean - normalized[c] * slope);
}

void minnow_train_norm_back(const struct minnow_layer_norm *norm, struct minnow_layer_norm *gradient,
                            const struct minnow_normed *normed, const float *out_gradient, size_t rows,
                            float *in_gradient) {
    size_t width = norm->width;
    float *gamma = minnow_writable(gradient->gamma), *beta = minnow_writable(gradient->beta);
    for (size_t r = 0; r < rows; r++) {
        const float *normalized = normed->normalized + r * width, *g = out_gradient + r * width;
        for (size_t c = 0; c < width; c++) gamma[c] += g[c] * normalized[c];
        minnow_row_add(1, g, width, beta);
        row_back(norm->gamma, normalized, normed->inverse[r], width, g, in_gradient + r * width);
    }
}
