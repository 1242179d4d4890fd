/* The observers of the two calibration passes. */
#ifndef MINNOW_STATISTICS_H
#define MINNOW_STATISTICS_H

#include "convert/quantize/calibration.h"

struct minnow_watch {
    struct minnow_calibration *calibration;
    struct minnow_memory *memory;
    const struct minnow_kernels *kernels;
    /* One chunk of rounded inputs, before and after they are put back on the inputs' scale. */
    int8_t *rounded;
    float *restored;
    bool out_of_memory;
};

enum { MINNOW_SAMPLE_ROWS = 2048, MINNOW_WATCH_ROWS = 256 };

minnow_linear_observer_fn minnow_watch_sample, minnow_watch_moments;

#endif
