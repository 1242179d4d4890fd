/* Apply a function of eight numbers to padded rows in place. */
#ifndef MINNOW_ACTIVATION_AVX2_H
#define MINNOW_ACTIVATION_AVX2_H

#include "kernels/x86/lanes_avx2.h"

static inline __attribute__((always_inline)) void apply_rows(__m256 (*function)(__m256), float *x, size_t stride,
                                                             size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += stride)
        for (size_t c = 0; c < columns; c += 8) _mm256_storeu_ps(x + c, function(load_eight(x + c, columns - c)));
}

#endif
