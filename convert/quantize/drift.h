/* What a linear gets in a model whose earlier layers are rounded already, beside what it should get. */
#ifndef MINNOW_DRIFT_H
#define MINNOW_DRIFT_H

#include <stdbool.h>
#include <stddef.h>

/* Sums over rows, about the first mean that was seen (`*_origin`), which keeps them exact. x: rows of the f32 model,
 * r: the same rows of the rounded one, both as they meet the weights (rotated; r rounded to 8 bits too); d: what the
 * residual stream lost so far, where the linear's output is added to it. */
struct minnow_drift {
    size_t inputs, outputs, rows;
    double *exact_sum, *rounded_sum; /* [inputs] */
    double *lost_sum;                /* [outputs] */
    float *exact_origin, *rounded_origin, *lost_origin;
    float *moment;     /* sum r r^T, upper triangle of [inputs][inputs] */
    float *cross;      /* sum (x - r) r^T, [inputs][inputs] */
    float *lost;       /* sum d r^T, [outputs][inputs] */
    float *shifted[3]; /* room of one call: r, x - r, d */
    size_t most_rows;
};

/* False: out of memory. */
bool minnow_drift_create(size_t inputs, size_t outputs, size_t most_rows, struct minnow_drift *drift);
void minnow_drift_free(struct minnow_drift *drift);

/* Dense rows, at most most_rows of them. lost may be NULL: nothing lost. */
void minnow_drift_add(struct minnow_drift *drift, const float *exact, const float *rounded, const float *lost,
                      size_t rows);
/* Turns the sums into moments about the mean. */
void minnow_drift_center(struct minnow_drift *drift);

/* weight [outputs][inputs]: moved to where, fed with r, it comes nearest to what the f32 model gives, within what the
 * rows can tell (ridge regression). False: out of memory. */
bool minnow_drift_correct(const struct minnow_drift *drift, float *weight);
/* What to add to output o's bias so that the means agree. exact_weight, rounded_weight: [inputs]. */
double minnow_drift_bias(const struct minnow_drift *drift, size_t o, const float *exact_weight,
                         const float *rounded_weight);

#endif
