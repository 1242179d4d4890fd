#include "convert/quantize/rounding.h"

#include <math.h>

enum { CANDIDATES = 24 };

/* Clipping the largest weights a little buys finer steps for all the others; never below this. */
static const float LEAST_RANGE = 0.76f;

static float rounded(float value, float inverse) {
    float q = rintf(value * inverse);
    return q > 127 ? 127 : q < -127 ? -127 : q;
}

static double squared_error(const float *values, size_t count, float scale) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double error = (double)values[i] - (double)scale * (double)rounded(values[i], 1 / scale);
        sum += error * error;
    }
    return sum;
}

float minnow_best_scale(const float *values, size_t count) {
    float largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(values[i]));
    float best = largest / 127;
    if (!(1 / best < INFINITY)) return 0; /* zero, or too small for its inverse to exist */
    double least = squared_error(values, count, best);
    for (int i = 1; i < CANDIDATES; i++) {
        float scale = largest / 127 * (1 - (1 - LEAST_RANGE) * (float)i / CANDIDATES);
        double error = squared_error(values, count, scale);
        if (error < least) {
            least = error;
            best = scale;
        }
    }
    return best;
}

void minnow_round_s8(const float *values, size_t count, float scale, int8_t *out) {
    float inverse = scale > 0 ? 1 / scale : 0;
    for (size_t i = 0; i < count; i++) out[i] = (int8_t)rounded(values[i], inverse);
}
