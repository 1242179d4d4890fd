#include "convert/quantize/compensate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "convert/blas.h"
#include "kernels/kernels.h"

enum { BLOCK = 64 };

struct problem {
    size_t outputs, inputs;
    size_t *order; /* columns, in the order in which they are rounded */
    float *weight; /* [outputs][inputs], columns in that order */
    float *factor; /* upper Cholesky factor of the inverse moment, [inputs][inputs] */
    float *error;  /* [outputs][BLOCK] */
};

struct column {
    float moment;
    size_t index;
};

static int by_moment(const void *a, const void *b) {
    const struct column *left = a, *right = b;
    if (left->moment != right->moment) return left->moment < right->moment ? 1 : -1;
    return left->index < right->index ? -1 : 1;
}

static bool order_columns(struct problem *p, const float *moment) {
    struct column *columns = malloc(p->inputs * sizeof *columns);
    if (!columns) return false;
    for (size_t i = 0; i < p->inputs; i++) columns[i] = (struct column){moment[i * p->inputs + i], i};
    qsort(columns, p->inputs, sizeof *columns, by_moment);
    for (size_t i = 0; i < p->inputs; i++) p->order[i] = columns[i].index;
    free(columns);
    return true;
}

/* The moment with its columns in order, damped; column-major lower is row-major upper. */
static void fill_ordered(const struct problem *p, const float *moment, double damping, double *ordered) {
    for (size_t i = 0; i < p->inputs; i++)
        for (size_t j = i; j < p->inputs; j++) {
            size_t a = p->order[i], b = p->order[j];
            ordered[i * p->inputs + j] = (double)(a < b ? moment[a * p->inputs + b] : moment[b * p->inputs + a]);
        }
    for (size_t i = 0; i < p->inputs; i++) ordered[i * p->inputs + i] += damping;
}

static double mean_diagonal(const struct problem *p, const float *moment) {
    double sum = 0;
    for (size_t i = 0; i < p->inputs; i++) sum += (double)moment[i * p->inputs + i];
    return sum / (double)p->inputs;
}

/* inverse(H) = U^T U, U upper. The matrix is symmetric, so either triangle convention reads it. */
static bool factor_inverse(const struct problem *p, double *matrix) {
    int size = (int)p->inputs, info = 0;
    minnow_blas()->dpotrf("L", &size, matrix, &size, &info);
    if (info == 0) minnow_blas()->dpotri("L", &size, matrix, &size, &info);
    if (info == 0) minnow_blas()->dpotrf("L", &size, matrix, &size, &info);
    if (info != 0) return false;
    for (size_t i = 0; i < p->inputs; i++)
        for (size_t j = i; j < p->inputs; j++) p->factor[i * p->inputs + j] = (float)matrix[i * p->inputs + j];
    return true;
}

/* A moment that is singular in spite of the damping (an input that is always zero) gets more of it. */
static bool prepare_factor(const struct problem *p, const float *moment, double share) {
    double *matrix = malloc(p->inputs * p->inputs * sizeof *matrix);
    if (!matrix) return false;
    double damping = share * mean_diagonal(p, moment) + 1e-30;
    bool done = false;
    for (int attempt = 0; attempt < 6 && !done; attempt++, damping *= 10) {
        fill_ordered(p, moment, damping, matrix);
        done = factor_inverse(p, matrix);
    }
    free(matrix);
    if (!done) /* nothing to learn from: plain rounding */
        for (size_t i = 0; i < p->inputs; i++) p->factor[i * p->inputs + i] = 1;
    return true;
}

static float rounded(const struct minnow_grid *grid, size_t groups, size_t o, size_t input, float value) {
    float scale = grid->scale[o];
    if (!(scale > 0)) return 0;
    if (grid->steps) return minnow_round_to_step(value, scale, grid->steps[o * groups + input / MINNOW_GROUP]);
    float q = rintf(value / scale);
    return q > 127 ? 127 : q < -127 ? -127 : q;
}

/* Columns [first, last) of one row, each error spread over the rest of the block. */
static void round_row(const struct problem *p, const struct minnow_grid *grid, size_t o, size_t first, size_t last,
                      int8_t *out) {
    float *weight = p->weight + o * p->inputs, scale = grid->scale[o];
    size_t groups = MINNOW_GROUPS(p->inputs);
    for (size_t j = first; j < last; j++) {
        const float *factor = p->factor + j * p->inputs;
        float q = rounded(grid, groups, o, p->order[j], weight[j]);
        float error = (weight[j] - q * scale) / factor[j];
        out[o * p->inputs + p->order[j]] = (int8_t)q;
        p->error[o * BLOCK + j - first] = error;
        for (size_t l = j + 1; l < last; l++) weight[l] -= error * factor[l];
    }
}

static void round_blocks(const struct problem *p, const struct minnow_grid *grid, int8_t *out) {
    for (size_t first = 0; first < p->inputs; first += BLOCK) {
        size_t last = first + BLOCK < p->inputs ? first + BLOCK : p->inputs;
        for (size_t o = 0; o < p->outputs; o++) round_row(p, grid, o, first, last, out);
        if (last < p->inputs)
            minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)p->outputs, (int)(p->inputs - last),
                                 (int)(last - first), -1, p->error, BLOCK, p->factor + first * p->inputs + last,
                                 (int)p->inputs, 1, p->weight + last, (int)p->inputs);
    }
}

static void reorder_weight(const struct problem *p, const float *weight) {
    for (size_t o = 0; o < p->outputs; o++)
        for (size_t i = 0; i < p->inputs; i++) p->weight[o * p->inputs + i] = weight[o * p->inputs + p->order[i]];
}

bool minnow_round_compensated(const float *weight, size_t outputs, size_t inputs, const struct minnow_grid *grid,
                              const float *moment, double damping, int8_t *out) {
    struct problem p = {.outputs = outputs,
                        .inputs = inputs,
                        .order = malloc(inputs * sizeof *p.order),
                        .weight = malloc(outputs * inputs * sizeof *p.weight),
                        .factor = calloc(inputs * inputs, sizeof *p.factor),
                        .error = malloc(outputs * BLOCK * sizeof *p.error)};
    bool done =
        p.order && p.weight && p.factor && p.error && order_columns(&p, moment) && prepare_factor(&p, moment, damping);
    if (done) {
        reorder_weight(&p, weight);
        round_blocks(&p, grid, out);
    }
    free(p.order);
    free(p.weight);
    free(p.factor);
    free(p.error);
    return done;
}
