#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

/* Registers side by side: one alone would wait for its own sums. */
enum { REGISTERS = 4 };

/* Sixteen columns a register, of which `count` exist. */
static inline __attribute__((always_inline)) void mean(const float *in, size_t stride, size_t rows, size_t registers,
                                                       size_t count, float *out) {
    __m512 sums[REGISTERS], divisor = _mm512_set1_ps((float)rows);
    for (size_t i = 0; i < registers; i++) sums[i] = _mm512_setzero_ps();
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < registers; i++)
            sums[i] = _mm512_add_ps(sums[i], load_lanes(in + r * stride + 16 * i, count));
    for (size_t i = 0; i < registers; i++) store_lanes(out + 16 * i, _mm512_div_ps(sums[i], divisor), count);
}

void minnow_mean_rows_avx512vnni(const float *in, size_t stride, size_t rows, size_t columns, float *out) {
    size_t c = 0;
    for (; c + 16 * REGISTERS <= columns; c += 16 * REGISTERS) mean(in + c, stride, rows, REGISTERS, 16, out + c);
    for (; c < columns; c += 16) mean(in + c, stride, rows, 1, columns - c, out + c);
}
