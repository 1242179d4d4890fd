#include "convert/quantize/descend.h"

#include <stdlib.h>

#include "convert/blas.h"
#include "kernels/kernels.h"

/* Sweeps end early when hardly a weight changes any more. */
enum { MOST_SWEEPS = 4, FEW = 1000 };
static const float DAMPING = 0.01f; /* of the mean diagonal */

struct problem {
    size_t inputs;
    const struct minnow_grid *grid;
    const float *moment; /* whole and damped, [inputs][inputs] */
    float *slope;        /* of each output: (weight - rounded) moment */
};

/* Rounded differently, this weight would be better by itself. Returns whether it changed. */
static bool move(const struct problem *p, size_t o, size_t i, int8_t *q) {
    const float *row = p->moment + i * p->inputs;
    float *slope = p->slope + o * p->inputs, scale = p->grid->scale[o];
    uint8_t step = p->grid->steps[o * MINNOW_GROUPS(p->inputs) + i / MINNOW_GROUP];
    float wanted = scale * (float)*q + slope[i] / row[i];
    float better = minnow_round_to_step(wanted, scale, step), change = scale * (better - (float)*q);
    if (better == (float)*q) return false;
    for (size_t j = 0; j < p->inputs; j++) slope[j] -= change * row[j];
    *q = (int8_t)better;
    return true;
}

static void descend_output(const struct problem *p, size_t o, int8_t *q) {
    if (!(p->grid->scale[o] > 0)) return;
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
        size_t changed = 0;
        for (size_t i = 0; i < p->inputs; i++) changed += move(p, o, i, q + i);
        if (changed * FEW <= p->inputs) return;
    }
}

/* The upper triangle's other half, and the damping. False: there is nothing to learn from. */
static bool complete(const float *moment, size_t inputs, float *whole) {
    float mean = 0;
    for (size_t i = 0; i < inputs; i++) mean += moment[i * inputs + i] / (float)inputs;
    for (size_t i = 0; i < inputs; i++) {
        for (size_t j = i; j < inputs; j++) whole[i * inputs + j] = whole[j * inputs + i] = moment[i * inputs + j];
        whole[i * inputs + i] += DAMPING * mean;
    }
    return mean > 0;
}

static void descend(const float *weight, size_t outputs, size_t inputs, const struct minnow_grid *grid,
                    const float *moment, float *error, float *slope, int8_t *q) {
    struct problem p = {inputs, grid, moment, slope};
    int n = (int)inputs;
    for (size_t o = 0; o < outputs; o++)
        for (size_t i = 0; i < inputs; i++)
            error[o * inputs + i] = weight[o * inputs + i] - grid->scale[o] * (float)q[o * inputs + i];
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)outputs, n, n, 1, error, n, moment, n, 0,
                         slope, n);
    for (size_t o = 0; o < outputs; o++) descend_output(&p, o, q + o * inputs);
}

bool minnow_round_descend(const float *weight, size_t outputs, size_t inputs, const struct minnow_grid *grid,
                          const float *moment, int8_t *q) {
    float *whole = malloc(inputs * inputs * sizeof *whole), *error = calloc(outputs * inputs, sizeof *error);
    float *slope = malloc(outputs * inputs * sizeof *slope);
    bool room = whole && error && slope;
    if (room && complete(moment, inputs, whole)) descend(weight, outputs, inputs, grid, whole, error, slope, q);
    free(whole);
    free(error);
    free(slope);
    return room;
}
