#include "convert/quantize/equalize.h"

#include <math.h>
#include <string.h>

enum { STEPS = 150 };
static const double WEIGHT_SHARE = 0.3; /* gamma */
static const double STEP_SIZE = 0.03, MOMENTUM = 0.9, SQUARE_MOMENTUM = 0.98; /* Adam */

struct equalizer {
    const struct minnow_input_sample *sample;
    size_t inputs, outputs;
    float *multiplier;                   /* exp(logarithm), as the quantizer applies it */
    double *logarithm;
    float *best;                         /* multipliers of the least error so far */
    double *weight_square, *input_square; /* sum over outputs, mean over rows */
    double *range_slope, *peak_slope;    /* of the two parts that hold maxima */
    double *momentum, *square_momentum;
};

static bool take_buffers(struct equalizer *e, struct minnow_memory *memory) {
    double **buffers[] = {&e->logarithm,   &e->weight_square, &e->input_square,   &e->range_slope,
                          &e->peak_slope, &e->momentum,      &e->square_momentum};
    e->multiplier = minnow_memory_take(memory, e->inputs * sizeof *e->multiplier);
    e->best = minnow_memory_take(memory, e->inputs * sizeof *e->best);
    bool all = e->multiplier && e->best;
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        all &= (*buffers[i] = minnow_memory_take(memory, e->inputs * sizeof(double))) != NULL;
    return all;
}

/* Squares of both sides, and SmoothQuant's multipliers to start from. */
static void start(struct equalizer *e) {
    const float *weight = e->sample->linear->weight;
    for (size_t i = 0; i < e->inputs; i++) {
        float largest_weight = 0, largest_input = 0;
        for (size_t o = 0; o < e->outputs; o++) {
            float w = weight[o * e->inputs + i];
            e->weight_square[i] += (double)w * (double)w;
            largest_weight = fmaxf(largest_weight, fabsf(w));
        }
        for (size_t r = 0; r < e->sample->row_count; r++) {
            float x = e->sample->rows[r * e->inputs + i];
            e->input_square[i] += (double)x * (double)x / (double)e->sample->row_count;
            largest_input = fmaxf(largest_input, fabsf(x));
        }
        /* A channel that is always zero, on either side, needs no help. */
        float wanted = sqrtf(largest_weight) / sqrtf(largest_input);
        e->logarithm[i] = wanted > 1e-6f && wanted < 1e6f ? log((double)wanted) : 0;
    }
}

/* E[range^2] / 254^2 over the sample, and its derivative by each log multiplier. */
static double range_part(struct equalizer *e) {
    double sum = 0, unit = 1 / (254.0 * 254.0 * (double)e->sample->row_count);
    memset(e->range_slope, 0, e->inputs * sizeof *e->range_slope);
    for (size_t r = 0; r < e->sample->row_count; r++) {
        const float *row = e->sample->rows + r * e->inputs;
        float low = 0, high = 0;
        size_t lowest = 0, highest = 0;
        for (size_t i = 0; i < e->inputs; i++) {
            float x = row[i] * e->multiplier[i];
            if (x < low) low = x, lowest = i;
            if (x > high) high = x, highest = i;
        }
        double range = (double)high - (double)low;
        sum += range * range * unit;
        e->range_slope[highest] += 2 * range * (double)high * unit;
        e->range_slope[lowest] -= 2 * range * (double)low * unit;
    }
    return sum;
}

/* Sum over outputs of (largest equalized weight / 127)^2, and its derivative. */
static double peak_part(struct equalizer *e) {
    const float *weight = e->sample->linear->weight;
    double sum = 0;
    memset(e->peak_slope, 0, e->inputs * sizeof *e->peak_slope);
    for (size_t o = 0; o < e->outputs; o++) {
        float peak = 0;
        size_t where = 0;
        for (size_t i = 0; i < e->inputs; i++) {
            float w = fabsf(weight[o * e->inputs + i]) / e->multiplier[i];
            if (w > peak) peak = w, where = i;
        }
        double square = (double)peak * (double)peak / (127.0 * 127.0);
        sum += square;
        e->peak_slope[where] -= 2 * square;
    }
    return sum;
}

/* Sums of |w_j|^2 / m_j^2 and E[x_j^2] m_j^2. */
static void smooth_parts(const struct equalizer *e, double *weights, double *inputs) {
    *weights = *inputs = 0;
    for (size_t i = 0; i < e->inputs; i++) {
        double square = (double)e->multiplier[i] * (double)e->multiplier[i];
        *weights += e->weight_square[i] / square;
        *inputs += e->input_square[i] * square;
    }
}

/* One Adam step on log(error); returns the error before it. */
static double descend(struct equalizer *e, int step) {
    for (size_t i = 0; i < e->inputs; i++) e->multiplier[i] = (float)exp(e->logarithm[i]);
    double weights, inputs, ranges = range_part(e), peaks = peak_part(e);
    smooth_parts(e, &weights, &inputs);
    double error = ranges * weights + WEIGHT_SHARE * peaks * inputs;
    if (!(error > 0) || !isfinite(error)) return error;
    double first = 1 - pow(MOMENTUM, step), second = 1 - pow(SQUARE_MOMENTUM, step);
    for (size_t i = 0; i < e->inputs; i++) {
        double square = (double)e->multiplier[i] * (double)e->multiplier[i];
        double slope = e->range_slope[i] * weights - 2 * ranges * e->weight_square[i] / square +
                       WEIGHT_SHARE * (e->peak_slope[i] * inputs + 2 * peaks * e->input_square[i] * square);
        slope /= error;
        e->momentum[i] = MOMENTUM * e->momentum[i] + (1 - MOMENTUM) * slope;
        e->square_momentum[i] = SQUARE_MOMENTUM * e->square_momentum[i] + (1 - SQUARE_MOMENTUM) * slope * slope;
        e->logarithm[i] -= STEP_SIZE * (e->momentum[i] / first) / (sqrt(e->square_momentum[i] / second) + 1e-8);
    }
    return error;
}

float *minnow_equalize(const struct minnow_input_sample *sample, struct minnow_memory *memory) {
    struct equalizer e = {.sample = sample, .inputs = sample->linear->inputs, .outputs = sample->linear->outputs};
    if (!take_buffers(&e, memory)) return NULL;
    start(&e);
    double least = INFINITY;
    for (int step = 1; step <= STEPS; step++) {
        double error = descend(&e, step);
        if (!(error < least)) continue;
        least = error;
        memcpy(e.best, e.multiplier, e.inputs * sizeof *e.best);
    }
    /* Without a finite error there is nothing to equalize: all inputs or all weights are zero. */
    for (size_t i = 0; i < e.inputs && !(least < INFINITY && least > 0); i++) e.best[i] = 1;
    return e.best;
}
