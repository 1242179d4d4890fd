/* Apply a function of sixteen numbers to rows in place. */
#ifndef MINNOW_ACTIVATION_AVX512_H
#define MINNOW_ACTIVATION_AVX512_H

#include "kernels/x86/lanes_avx512.h"

/* Registers side by side: one alone would wait for its own polynomial. */
enum { ACTIVATION_REGISTERS = 4 };

static inline __attribute__((always_inline)) void apply_registers(__m512 (*function)(__m512), float *x) {
    __m512 values[ACTIVATION_REGISTERS];
    for (size_t i = 0; i < ACTIVATION_REGISTERS; i++) values[i] = _mm512_loadu_ps(x + 16 * i);
    for (size_t i = 0; i < ACTIVATION_REGISTERS; i++) values[i] = function(values[i]);
    for (size_t i = 0; i < ACTIVATION_REGISTERS; i++) _mm512_storeu_ps(x + 16 * i, values[i]);
}

static inline __attribute__((always_inline)) void apply_row(__m512 (*function)(__m512), float *x, size_t columns) {
    size_t c = 0;
    for (; c + 16 * ACTIVATION_REGISTERS <= columns; c += 16 * ACTIVATION_REGISTERS) apply_registers(function, x + c);
    for (; c < columns; c += 16) store_lanes(x + c, function(load_lanes(x + c, columns - c)), columns - c);
}

static inline __attribute__((always_inline)) void apply_rows(__m512 (*function)(__m512), float *x, size_t stride,
                                                             size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) apply_row(function, x + r * stride, columns);
}

#endif
