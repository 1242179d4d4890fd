/* Apply a function of four numbers to padded rows in place. */
#ifndef MINNOW_ACTIVATION_NEON_H
#define MINNOW_ACTIVATION_NEON_H

#include "kernels/arm/lanes_neon.h"

static inline __attribute__((always_inline)) void apply_rows(float32x4_t (*function)(float32x4_t), float *x,
                                                             size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += stride)
        for (size_t c = 0; c < columns; c += 4) vst1q_f32(x + c, function(load_four(x + c, columns - c)));
}

#endif
