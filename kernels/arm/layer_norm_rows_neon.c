#include <math.h>

#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

struct row {
    const float *in, *residual; /* residual may be NULL */
    float *out;
    size_t columns;
};

/* Leaves in + residual in out and returns its mean. */
static float sum_and_mean(struct row row) {
    struct lanes sums = zero_lanes();
    for (size_t c = 0; c < row.columns; c += 16) {
        size_t count = row.columns - c;
        struct lanes v = load_lanes(row.in + c, count);
        if (row.residual) v = add_lanes(v, load_lanes(row.residual + c, count));
        sums = add_lanes(sums, v);
        store_lanes(row.out + c, v, count);
    }
    return sum_lanes(sums) / (float)row.columns;
}

static struct lanes centred(const float *x, size_t count, float32x4_t mean) {
    return keep_lanes(subtract_from_lanes(load_lanes(x, count), mean), count);
}

static float variance_around(const float *x, size_t columns, float32x4_t mean) {
    struct lanes squares = zero_lanes();
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes v = centred(x + c, columns - c, mean);
        squares = fused_multiply_add_lanes(v, v, squares);
    }
    return sum_lanes(squares) / (float)columns;
}

static void layer_norm_row(struct row row, const float *gamma, const float *beta, float epsilon) {
    float32x4_t mean = vdupq_n_f32(sum_and_mean(row));
    float variance = variance_around(row.out, row.columns, mean);
    float32x4_t inverse = vdupq_n_f32(1.0f / sqrtf(variance + epsilon));
    for (size_t c = 0; c < row.columns; c += 16) {
        size_t count = row.columns - c;
        struct lanes v = multiply_lanes(centred(row.out + c, count, mean), inverse);
        v = fused_multiply_add_lanes(v, load_lanes(gamma + c, count), load_lanes(beta + c, count));
        store_lanes(row.out + c, v, count);
    }
}

void minnow_layer_norm_rows_neon(const float *in, const float *residual, size_t stride, size_t rows, size_t columns,
                                 const float *gamma, const float *beta, float epsilon, float *out) {
    for (size_t r = 0; r < rows; r++) {
        size_t at = r * stride;
        struct row row = {in + at, residual ? residual + at : NULL, out + at, columns};
        layer_norm_row(row, gamma, beta, epsilon);
    }
}
