/* Steps of s4 groups (kernels.h): which side has the eighth level, and what the levels are multiplied by. */
#include <math.h>

#include "convert/quantize/rounding.h"
#include "kernels/kernels.h"

enum { MOST = 15, SCALES = 11 };

/* The best scale is found among some that clip the largest group's ends a little, and each group's multiplier among
 * those that clip its own: less range, finer levels. */
static const float LEAST_RANGE = 0.7f;
static const float RANGES[] = {0.7f, 0.75f, 0.8f, 0.85f, 0.9f, 0.95f, 1.0f, 1.07f};

static float lowest_level(uint8_t step) { return (float)(-7 - (step >> 4 & 1)); }

float minnow_round_to_step(float value, float scale, uint8_t step) {
    float times = (float)(step & 15), lowest = lowest_level(step);
    float level = rintf(value / (scale * times));
    level = level < lowest ? lowest : level > lowest + 15 ? lowest + 15 : level;
    return level * times;
}

uint8_t minnow_s4_code(int8_t q, uint8_t step) {
    int times = step & 15;
    return (uint8_t)((times ? q / times : 0) + 7 + (step >> 4 & 1));
}

static double group_error(const float *values, size_t count, float scale, uint8_t step) {
    float size = scale * (float)(step & 15), inverse = 1 / size, lowest = lowest_level(step), sum = 0;
    for (size_t i = 0; i < count; i++) {
        float level = rintf(values[i] * inverse);
        level = level < lowest ? lowest : level > lowest + 15 ? lowest + 15 : level;
        float error = values[i] - level * size;
        sum += error * error;
    }
    return (double)sum;
}

/* The eighth level goes where the largest value is. */
static uint8_t side_of(const float *values, size_t count, float *largest) {
    float high = 0, low = 0;
    for (size_t i = 0; i < count; i++) {
        high = fmaxf(high, values[i]);
        low = fminf(low, values[i]);
    }
    *largest = fmaxf(high, -low);
    return high > -low ? 0 : 16;
}

static uint8_t best_step(const float *values, size_t count, float scale, double *least) {
    float largest;
    uint8_t side = side_of(values, count, &largest), best = side | 1, tried = 0;
    *least = INFINITY;
    for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES; i++) {
        float times = rintf(largest * RANGES[i] / (8 * scale));
        uint8_t step = (uint8_t)(side | (times < 1 ? 1 : times > MOST ? MOST : (int)times));
        if (step == tried) continue;
        double error = group_error(values, count, scale, tried = step);
        if (error >= *least) continue;
        *least = error;
        best = step;
    }
    return best;
}

/* Steps for one scale, and the error they leave. */
static double fill_steps(const float *values, size_t count, float scale, uint8_t *steps) {
    double sum = 0, error;
    for (size_t first = 0; first < count; first += MINNOW_GROUP) {
        size_t some = count - first < MINNOW_GROUP ? count - first : MINNOW_GROUP;
        steps[first / MINNOW_GROUP] = best_step(values + first, some, scale, &error);
        sum += error;
    }
    return sum;
}

float minnow_best_steps(const float *values, size_t count, uint8_t *steps) {
    float largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(values[i]));
    float widest = largest / (8 * MOST), best = widest;
    double least = INFINITY;
    for (size_t g = 0; g < MINNOW_GROUPS(count); g++) steps[g] = 1;
    if (!(1 / (widest * LEAST_RANGE) < INFINITY)) return 0; /* zero, or too small for its inverse to exist */
    for (int i = 0; i < SCALES; i++) {
        float scale = widest * (1 - (1 - LEAST_RANGE) * (float)i / (SCALES - 1));
        double error = fill_steps(values, count, scale, steps);
        if (error >= least) continue;
        least = error;
        best = scale;
    }
    fill_steps(values, count, best, steps);
    return best;
}

void minnow_round_s4(const float *values, size_t count, float scale, const uint8_t *steps, int8_t *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = scale > 0 ? (int8_t)minnow_round_to_step(values[i], scale, steps[i / MINNOW_GROUP]) : 0;
}
