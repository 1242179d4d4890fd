#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

/* 24 sums and two registers of b, of 32. */
enum { TILE_ROWS = 12, TILE_REGISTERS = 2 };

struct product {
    const float *a, *b;
    float *c;
    size_t a_stride, b_stride, c_stride, depth;
};

static inline __attribute__((always_inline)) void tile(const struct product *p, size_t rows, size_t registers) {
    __m512 sums[TILE_ROWS][TILE_REGISTERS];
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < registers; i++) sums[r][i] = _mm512_setzero_ps();
    for (size_t k = 0; k < p->depth; k++) {
        __m512 b[TILE_REGISTERS];
        for (size_t i = 0; i < registers; i++) b[i] = _mm512_loadu_ps(p->b + k * p->b_stride + 16 * i);
        for (size_t r = 0; r < rows; r++) {
            __m512 a = _mm512_set1_ps(p->a[r * p->a_stride + k]);
            for (size_t i = 0; i < registers; i++) sums[r][i] = _mm512_fmadd_ps(a, b[i], sums[r][i]);
        }
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < registers; i++) _mm512_storeu_ps(p->c + r * p->c_stride + 16 * i, sums[r][i]);
}

/* All rows of 16 or 32 columns: twelve at a time, then four, then one. */
static inline __attribute__((always_inline)) void columns_of(struct product p, size_t rows, size_t registers) {
    size_t count;
    for (; rows > 0; rows -= count, p.a += count * p.a_stride, p.c += count * p.c_stride) {
        count = rows >= TILE_ROWS ? TILE_ROWS : rows >= 4 ? 4 : 1;
        if (count == TILE_ROWS)
            tile(&p, TILE_ROWS, registers);
        else if (count == 4)
            tile(&p, 4, registers);
        else
            tile(&p, 1, registers);
    }
}

void minnow_gemm_f32_avx512vnni(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows,
                                size_t columns, size_t depth, float *c, size_t c_stride) {
    size_t n = 0;
    for (; n + 16 < columns; n += 32)
        columns_of((struct product){a, b + n, c + n, a_stride, b_stride, c_stride, depth}, rows, 2);
    if (n < columns) columns_of((struct product){a, b + n, c + n, a_stride, b_stride, c_stride, depth}, rows, 1);
}
