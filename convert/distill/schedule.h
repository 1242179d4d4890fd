/* The learning rate from step to step. */
#ifndef MINNOW_SCHEDULE_H
#define MINNOW_SCHEDULE_H

#include <stdint.h>

enum minnow_decline { MINNOW_DECLINE_LINEAR = 0, MINNOW_DECLINE_COSINE = 1 };

/* From 0 up to `rate` over the first steps, in a straight line; from there down to floor * rate at the last step. */
struct minnow_schedule {
    float rate, floor;
    uint64_t warm_up_steps, total_steps; /* 0 in all: the rate stays where it is after the warm-up */
    enum minnow_decline decline;
};

/* Steps count from 1. */
float minnow_rate_at(const struct minnow_schedule *schedule, uint64_t step);

#endif
