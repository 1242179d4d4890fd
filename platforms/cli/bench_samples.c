#include "platforms/cli/bench_samples.h"

#include <math.h>
#include <stdlib.h>

bool minnow_samples_add(struct minnow_samples *samples, double value) {
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity ? 2 * samples->capacity : 64;
        double *items = realloc(samples->items, capacity * sizeof *items);
        if (!items) return false;
        samples->items = items;
        samples->capacity = capacity;
    }
    samples->items[samples->count++] = value;
    samples->total += value;
    return true;
}

void minnow_samples_free(struct minnow_samples *samples) {
    free(samples->items);
    *samples = (struct minnow_samples){0};
}

static int by_value(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double percentile(const struct minnow_samples *sorted, size_t percent) {
    return sorted->items[(sorted->count * percent + 99) / 100 - 1];
}

static double deviation(const struct minnow_samples *samples, double mean) {
    double squares = 0;
    for (size_t i = 0; i < samples->count; i++) squares += (samples->items[i] - mean) * (samples->items[i] - mean);
    return samples->count > 1 ? sqrt(squares / (double)(samples->count - 1)) : 0;
}

struct minnow_summary minnow_samples_summary(struct minnow_samples *samples) {
    size_t count = samples->count;
    if (count == 0) return (struct minnow_summary){0};
    qsort(samples->items, count, sizeof *samples->items, by_value);
    double mean = samples->total / (double)count;
    return (struct minnow_summary){
        .runs = count,
        .median = (samples->items[(count - 1) / 2] + samples->items[count / 2]) / 2,
        .p90 = percentile(samples, 90),
        .p99 = percentile(samples, 99),
        .min = samples->items[0],
        .mean = mean,
        .deviation = deviation(samples, mean),
    };
}
