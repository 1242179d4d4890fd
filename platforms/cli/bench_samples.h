/* Times of one thing measured again and again, and what is said of them. */
#ifndef MINNOW_CLI_BENCH_SAMPLES_H
#define MINNOW_CLI_BENCH_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

struct minnow_samples {
    double *items;
    size_t count, capacity;
    double total;
};

/* False: out of memory. */
bool minnow_samples_add(struct minnow_samples *samples, double value);
void minnow_samples_free(struct minnow_samples *samples);

struct minnow_summary {
    size_t runs;
    double median, p90, p99, min, mean;
    double deviation; /* standard, of the sample */
};

/* Sorts the samples; all zero where there are none. Percentiles are of the nearest rank. */
struct minnow_summary minnow_samples_summary(struct minnow_samples *samples);

#endif
