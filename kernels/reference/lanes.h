/* Sums in sixteen lanes and one tree (kernels.h), and clamping that sends NaN to the low end. */
#ifndef MINNOW_LANES_H
#define MINNOW_LANES_H

#include "kernels/kernels.h"

static inline float minnow_sum_lanes(float lanes[MINNOW_LANES]) {
    for (size_t half = MINNOW_LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

static inline float minnow_clamp(float x, float low, float high) {
    x = x > low ? x : low;
    return x < high ? x : high;
}

#endif
