#include <math.h>

#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

static __m512 highest_in_row(const float *x, size_t columns) {
    __m512 lowest = _mm512_set1_ps(-INFINITY), highest = lowest;
    for (size_t c = 0; c < columns; c += 16)
        highest = _mm512_max_ps(_mm512_mask_loadu_ps(lowest, first_lanes(columns - c), x + c), highest);
    return _mm512_set1_ps(_mm512_reduce_max_ps(highest));
}

/* Leaves the exponentials, with zeros in the padding, and returns their sum. */
static float exponentials(float *x, size_t columns, float scale) {
    __m512 highest = highest_in_row(x, columns), factor = _mm512_set1_ps(scale), sums = _mm512_setzero_ps();
    for (size_t c = 0; c < columns; c += 16) {
        __m512 v = _mm512_mul_ps(factor, _mm512_sub_ps(load_lanes(x + c, columns - c), highest));
        v = _mm512_maskz_mov_ps(first_lanes(columns - c), exp_sixteen(v));
        sums = _mm512_add_ps(sums, v);
        _mm512_storeu_ps(x + c, v);
    }
    return sum_lanes(sums);
}

static void softmax_row(float *x, size_t columns, float scale) {
    __m512 inverse = _mm512_set1_ps(1.0f / exponentials(x, columns, scale));
    for (size_t c = 0; c < columns; c += 16) {
        __m512 v = _mm512_mul_ps(_mm512_loadu_ps(x + c), inverse);
        _mm512_storeu_ps(x + c, _mm512_maskz_mov_ps(first_lanes(columns - c), v));
    }
}

void minnow_softmax_rows_avx512vnni(float *x, size_t stride, size_t rows, size_t columns, float scale) {
    for (size_t r = 0; r < rows; r++) softmax_row(x + r * stride, columns, scale);
}
