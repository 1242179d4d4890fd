#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

/* Registers side by side: one alone would wait for its own comparisons. */
enum { REGISTERS = 4 };

/* Sixteen columns a register, of which `count` exist. MAXPS gives its second operand when one is NaN. */
static inline __attribute__((always_inline)) void highest(const float *in, size_t stride, size_t rows,
                                                          size_t registers, size_t count, float *out) {
    __m512 best[REGISTERS];
    for (size_t i = 0; i < registers; i++) best[i] = load_lanes(in + 16 * i, count);
    for (size_t r = 1; r < rows; r++)
        for (size_t i = 0; i < registers; i++)
            best[i] = _mm512_max_ps(load_lanes(in + r * stride + 16 * i, count), best[i]);
    for (size_t i = 0; i < registers; i++) store_lanes(out + 16 * i, best[i], count);
}

void minnow_max_rows_avx512vnni(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    size_t c = 0;
    for (; c + 16 * REGISTERS <= columns; c += 16 * REGISTERS) highest(in + c, stride, rows, REGISTERS, 16, out + c);
    for (; c + 32 <= columns; c += 32) highest(in + c, stride, rows, 2, 16, out + c);
    for (; c < columns; c += 16) highest(in + c, stride, rows, 1, columns - c, out + c);
}
