#include "kernels/reference/elementary.h"
#include "kernels/reference/reference.h"

static float gaussian_sum(const float *x, size_t columns, float center, float factor) {
    float lanes[MINNOW_LANES] = {0};
    for (size_t c = 0; c < columns; c++) {
        float distance = x[c] - center;
        lanes[c % MINNOW_LANES] += minnow_precise_exp2_one(factor * (distance * distance));
    }
    return minnow_sum_lanes(lanes);
}

void minnow_gaussian_sums_reference(const float *x, size_t stride, size_t rows, size_t columns, const float *center,
                                    const float *factor, size_t count, float *sums, size_t sums_stride) {
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < count; k++)
            sums[r * sums_stride + k] = gaussian_sum(x + r * stride, columns, center[k], factor[k]);
}
