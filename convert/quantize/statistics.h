/* The observers of the two calibration passes. */
#ifndef MINNOW_STATISTICS_H
#define MINNOW_STATISTICS_H

#include "convert/quantize/calibration.h"

struct minnow_watch {
    struct minnow_calibration *calibration;
    struct minnow_memory *memory;
    const struct minnow_kernels *kernels;
    /* One chunk of inputs: rotated, rounded, and put back on their scale. */
    float *rotated;
    int8_t *rounded;
    float *restored;
    bool out_of_memory;
};

enum { MINNOW_WATCH_ROWS = 256 };

minnow_linear_observer_fn minnow_watch_sizes, minnow_watch_moments;

#endif
