/* Sums over a row in sixteen partial sums, as kernels.h has them: any compiler can keep those in vector registers. */
#ifndef MINNOW_TRAINED_LANES_H
#define MINNOW_TRAINED_LANES_H

#include "kernels/kernels.h"

static inline float minnow_lanes_total(float *lanes) {
    for (size_t distance = MINNOW_LANES / 2; distance; distance /= 2)
        for (size_t i = 0; i < distance; i++) lanes[i] += lanes[i + distance];
    return lanes[0];
}

static inline float minnow_row_sum(const float *row, size_t width) {
    float lanes[MINNOW_LANES] = {0};
    size_t whole = width / MINNOW_LANES * MINNOW_LANES;
    for (size_t c = 0; c < whole; c += MINNOW_LANES)
        for (size_t i = 0; i < MINNOW_LANES; i++) lanes[i] += row[c + i];
    for (size_t c = whole; c < width; c++) lanes[c - whole] += row[c];
    return minnow_lanes_total(lanes);
}

static inline float minnow_row_dot(const float *a, const float *b, size_t width) {
    float lanes[MINNOW_LANES] = {0};
    size_t whole = width / MINNOW_LANES * MINNOW_LANES;
    for (size_t c = 0; c < whole; c += MINNOW_LANES)
        for (size_t i = 0; i < MINNOW_LANES; i++) lanes[i] += a[c + i] * b[c + i];
    for (size_t c = whole; c < width; c++) lanes[c - whole] += a[c] * b[c];
    return minnow_lanes_total(lanes);
}

/* out += factor * row */
static inline void minnow_row_add(float factor, const float *row, size_t width, float *out) {
    for (size_t c = 0; c < width; c++) out[c] += factor * row[c];
}

#endif
