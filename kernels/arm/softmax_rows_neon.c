#include <math.h>

#include "kernels/arm/arm.h"
#include "kernels/arm/elementary_neon.h"

static float highest_in_row(const float *x, size_t columns) {
    float32x4_t lowest = vdupq_n_f32(-INFINITY), highest = lowest;
    for (size_t c = 0; c < columns; c += 4)
        highest = greater_of(first_or(load_four(x + c, columns - c), columns - c, lowest), highest);
    return vmaxvq_f32(highest); /* no NaN is left */
}

static inline float32x4_t exp_of_scaled(float32x4_t x, float32x4_t highest, float32x4_t scale) {
    return exp_four(vmulq_f32(scale, vsubq_f32(x, highest)));
}

/* Leaves the exponentials, with zeros in the padding, and returns their sum. */
static float exponentials(float *x, size_t columns, float scale) {
    float32x4_t highest = vdupq_n_f32(highest_in_row(x, columns)), factor = vdupq_n_f32(scale);
    struct lanes sums = zero_lanes();
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes v = load_lanes(x + c, columns - c);
        for (size_t i = 0; i < 4; i++) v.four[i] = exp_of_scaled(v.four[i], highest, factor);
        v = keep_lanes(v, columns - c);
        sums = add_lanes(sums, v);
        store_whole_lanes(x + c, v);
    }
    return sum_lanes(sums);
}

static void softmax_row(float *x, size_t columns, float scale) {
    float32x4_t inverse = vdupq_n_f32(1.0f / exponentials(x, columns, scale));
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes v = multiply_lanes(load_lanes(x + c, columns - c), inverse);
        store_whole_lanes(x + c, keep_lanes(v, columns - c));
    }
}

void minnow_softmax_rows_neon(float *x, size_t stride, size_t rows, size_t columns, float scale) {
    for (size_t r = 0; r < rows; r++) softmax_row(x + r * stride, columns, scale);
}
