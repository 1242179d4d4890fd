#include <math.h>

#include "kernels/reference/lanes.h"
#include "kernels/reference/reference.h"

/* A sum of products too small for a float may be -0, which the zeros beyond the columns turn into +0. */
static float dot(const float *a, const float *b, size_t columns) {
    float lanes[MINNOW_LANES] = {0};
    for (size_t c = 0; c < MINNOW_PADDED(columns); c++) {
        float *lane = &lanes[c % MINNOW_LANES];
        *lane = c < columns ? fmaf(a[c], b[c], *lane) : *lane + 0.0f;
    }
    return minnow_sum_lanes(lanes);
}

void minnow_dots_f32_reference(const float *query, const float *vectors, size_t stride, size_t count, size_t columns,
                               float *out) {
    for (size_t i = 0; i < count; i++) out[i] = dot(query, vectors + i * stride, columns);
}

void minnow_dots_s8_reference(const int8_t *query, const int8_t *vectors, size_t stride, size_t count, size_t columns,
                              int32_t *out) {
    for (size_t i = 0; i < count; i++) {
        int32_t sum = 0;
        for (size_t c = 0; c < columns; c++) sum += (int32_t)query[c] * (int32_t)vectors[i * stride + c];
        out[i] = sum;
    }
}
