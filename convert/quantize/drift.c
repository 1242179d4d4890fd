#include "convert/quantize/drift.h"

#include <stdlib.h>
#include <string.h>

#include "convert/blas.h"

/* Of the mean diagonal. Few texts tell little: what they say about directions that hardly occur is noise. */
static const double RIDGE = 0.5;

static float *floats(size_t count) { return calloc(count, sizeof(float)); }

bool minnow_drift_create(size_t inputs, size_t outputs, size_t most_rows, struct minnow_drift *drift) {
    *drift = (struct minnow_drift){
        .inputs = inputs,
        .outputs = outputs,
        .exact_sum = calloc(inputs, sizeof(double)),
        .rounded_sum = calloc(inputs, sizeof(double)),
        .lost_sum = calloc(outputs, sizeof(double)),
        .exact_origin = floats(inputs),
        .rounded_origin = floats(inputs),
        .lost_origin = floats(outputs),
        .moment = floats(inputs * inputs),
        .cross = floats(inputs * inputs),
        .lost = floats(outputs * inputs),
        .shifted = {floats(most_rows * inputs), floats(most_rows * inputs), floats(most_rows * outputs)},
        .most_rows = most_rows,
    };
    if (drift->exact_sum && drift->rounded_sum && drift->lost_sum && drift->exact_origin && drift->rounded_origin &&
        drift->lost_origin && drift->moment && drift->cross && drift->lost && drift->shifted[0] && drift->shifted[1] &&
        drift->shifted[2])
        return true;
    minnow_drift_free(drift);
    return false;
}

void minnow_drift_free(struct minnow_drift *drift) {
    free(drift->exact_sum);
    free(drift->rounded_sum);
    free(drift->lost_sum);
    free(drift->exact_origin);
    free(drift->rounded_origin);
    free(drift->lost_origin);
    free(drift->moment);
    free(drift->cross);
    free(drift->lost);
    for (size_t i = 0; i < 3; i++) free(drift->shifted[i]);
    *drift = (struct minnow_drift){0};
}

static void mean_of(const float *rows, size_t row_count, size_t columns, float *mean) {
    for (size_t r = 0; r < row_count; r++)
        for (size_t c = 0; c < columns; c++) mean[c] += rows[r * columns + c] / (float)row_count;
}

static void add_sums(const float *row, size_t columns, double *sum) {
    for (size_t c = 0; c < columns; c++) sum[c] += (double)row[c];
}

/* Rows minus origin, and their sums. */
static void shift(const float *rows, size_t row_count, size_t columns, const float *origin, double *sum, float *out) {
    for (size_t r = 0; r < row_count; r++) {
        for (size_t c = 0; c < columns; c++) out[r * columns + c] = rows[r * columns + c] - origin[c];
        add_sums(out + r * columns, columns, sum);
    }
}

void minnow_drift_add(struct minnow_drift *drift, const float *exact, const float *rounded, const float *lost,
                      size_t rows) {
    size_t inputs = drift->inputs, outputs = drift->outputs;
    float *r = drift->shifted[0], *x = drift->shifted[1], *d = drift->shifted[2];
    int n = (int)inputs, m = (int)outputs, count = (int)rows;
    if (drift->rows == 0) {
        mean_of(exact, rows, inputs, drift->exact_origin);
        mean_of(rounded, rows, inputs, drift->rounded_origin);
        if (lost) mean_of(lost, rows, outputs, drift->lost_origin);
    }
    drift->rows += rows;
    shift(rounded, rows, inputs, drift->rounded_origin, drift->rounded_sum, r);
    shift(exact, rows, inputs, drift->exact_origin, drift->exact_sum, x);
    for (size_t i = 0; i < rows * inputs; i++) x[i] -= r[i];
    minnow_blas()->ssyrk(CblasRowMajor, CblasUpper, CblasTrans, n, count, 1, r, n, 1, drift->moment, n);
    minnow_blas()->sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, n, count, 1, x, n, r, n, 1, drift->cross, n);
    if (!lost) return;
    shift(lost, rows, outputs, drift->lost_origin, drift->lost_sum, d);
    minnow_blas()->sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, count, 1, d, m, r, n, 1, drift->lost, n);
}

/* matrix[rows][columns] -= left right^T / count */
static void remove_means(float *matrix, const double *left, size_t rows, const double *right, size_t columns,
                         size_t count) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) matrix[i * columns + j] -= (float)(left[i] * right[j] / (double)count);
}

void minnow_drift_center(struct minnow_drift *drift) {
    size_t inputs = drift->inputs, rows = drift->rows;
    if (rows == 0) return;
    double *rounded = drift->rounded_sum;
    for (size_t i = 0; i < inputs; i++) drift->exact_sum[i] -= rounded[i]; /* of x - r, for a moment */
    remove_means(drift->moment, rounded, inputs, rounded, inputs, rows);
    remove_means(drift->cross, drift->exact_sum, inputs, rounded, inputs, rows);
    remove_means(drift->lost, drift->lost_sum, drift->outputs, rounded, inputs, rows);
    for (size_t i = 0; i < inputs; i++) drift->exact_sum[i] += rounded[i];
}

/* The whole moment, with the ridge. */
static void fill_moment(const struct minnow_drift *drift, double *matrix) {
    size_t n = drift->inputs;
    double ridge = 0;
    for (size_t i = 0; i < n; i++) ridge += RIDGE * (double)drift->moment[i * n + i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i; j < n; j++) matrix[i * n + j] = matrix[j * n + i] = (double)drift->moment[i * n + j];
        matrix[i * n + i] += ridge + 1e-30;
    }
}

/* right = weight cross + lost: what the rounded model lacks, as far as its own rows show it. */
static void fill_right(const struct minnow_drift *drift, const float *weight, float *work, double *right) {
    int n = (int)drift->inputs, m = (int)drift->outputs;
    memcpy(work, drift->lost, drift->outputs * drift->inputs * sizeof *work);
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, n, 1, weight, n, drift->cross, n, 1, work, n);
    for (size_t i = 0; i < drift->outputs * drift->inputs; i++) right[i] = (double)work[i];
}

/* weight += right / (moment + ridge). A moment that has no inverse says nothing. */
static void solve(const struct minnow_drift *drift, double *moment, double *right, float *weight) {
    int n = (int)drift->inputs, m = (int)drift->outputs, info = 0;
    minnow_blas()->dpotrf("L", &n, moment, &n, &info);
    if (info == 0) minnow_blas()->dpotrs("L", &n, &m, moment, &n, right, &n, &info);
    if (info != 0) return;
    for (size_t i = 0; i < drift->outputs * drift->inputs; i++) weight[i] += (float)right[i];
}

bool minnow_drift_correct(const struct minnow_drift *drift, float *weight) {
    size_t n = drift->inputs, m = drift->outputs;
    double *moment = malloc(n * n * sizeof *moment), *right = malloc(m * n * sizeof *right);
    float *work = malloc(m * n * sizeof *work);
    bool room = moment && right && work;
    if (room && drift->rows > 0) {
        fill_moment(drift, moment);
        fill_right(drift, weight, work, right);
        solve(drift, moment, right, weight);
    }
    free(moment);
    free(right);
    free(work);
    return room;
}

double minnow_drift_bias(const struct minnow_drift *drift, size_t o, const float *exact_weight,
                         const float *rounded_weight) {
    double count = drift->rows ? (double)drift->rows : 1;
    double sum = (double)drift->lost_origin[o] + drift->lost_sum[o] / count;
    for (size_t i = 0; i < drift->inputs; i++)
        sum += ((double)drift->exact_origin[i] + drift->exact_sum[i] / count) * (double)exact_weight[i] -
               ((double)drift->rounded_origin[i] + drift->rounded_sum[i] / count) * (double)rounded_weight[i];
    return sum;
}
