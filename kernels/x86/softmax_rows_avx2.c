#include <math.h>

#include "kernels/x86/elementary_avx2.h"
#include "kernels/x86/x86.h"

static float highest_in_row(const float *x, size_t columns) {
    __m256 lowest = _mm256_set1_ps(-INFINITY), highest = lowest;
    for (size_t c = 0; c < columns; c += 8) highest = _mm256_max_ps(load_eight_or(x + c, columns - c, lowest), highest);
    return highest_of(highest);
}

static inline __m256 exp_of_scaled(__m256 x, __m256 highest, __m256 scale) {
    return exp_eight(_mm256_mul_ps(scale, _mm256_sub_ps(x, highest)));
}

/* Leaves the exponentials, with zeros in the padding, and returns their sum. */
static float exponentials(float *x, size_t columns, float scale) {
    __m256 highest = _mm256_set1_ps(highest_in_row(x, columns)), factor = _mm256_set1_ps(scale);
    struct lanes sums = zero_lanes();
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes v = load_lanes(x + c, columns - c);
        v = (struct lanes){exp_of_scaled(v.low, highest, factor), exp_of_scaled(v.high, highest, factor)};
        v = keep_lanes(v, columns - c);
        sums = add_lanes(sums, v);
        store_lanes(x + c, v, 16);
    }
    return sum_lanes(sums);
}

static void softmax_row(float *x, size_t columns, float scale) {
    __m256 inverse = _mm256_set1_ps(1.0f / exponentials(x, columns, scale));
    for (size_t c = 0; c < columns; c += 16) {
        struct lanes v = load_lanes(x + c, columns - c);
        v = (struct lanes){_mm256_mul_ps(v.low, inverse), _mm256_mul_ps(v.high, inverse)};
        store_lanes(x + c, keep_lanes(v, columns - c), 16);
    }
}

void minnow_softmax_rows_avx2(float *x, size_t stride, size_t rows, size_t columns, float scale) {
    for (size_t r = 0; r < rows; r++) softmax_row(x + r * stride, columns, scale);
}
