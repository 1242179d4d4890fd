#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

/* Twelve sums, two registers of b and one of a fill the sixteen. */
enum { TILE_ROWS = 6 };

struct product {
    const float *a, *b;
    float *c;
    size_t a_stride, b_stride, c_stride, depth;
};

static inline __attribute__((always_inline)) void tile(struct product p, size_t rows) {
    struct lanes sums[TILE_ROWS];
    for (size_t r = 0; r < rows; r++) sums[r] = zero_lanes();
    for (size_t k = 0; k < p.depth; k++) {
        struct lanes b = load_lanes(p.b + k * p.b_stride, 16);
        for (size_t r = 0; r < rows; r++) {
            __m256 a = _mm256_broadcast_ss(p.a + r * p.a_stride + k);
            sums[r] = fused_multiply_add_lanes((struct lanes){a, a}, b, sums[r]);
        }
    }
    for (size_t r = 0; r < rows; r++) store_lanes(p.c + r * p.c_stride, sums[r], 16);
}

static void short_tile(struct product p, size_t rows) {
    switch (rows) {
    case 1:
        tile(p, 1);
        break;
    case 2:
        tile(p, 2);
        break;
    case 3:
        tile(p, 3);
        break;
    case 4:
        tile(p, 4);
        break;
    case 5:
        tile(p, 5);
        break;
    default:
        break;
    }
}

static void sixteen_columns(struct product p, size_t rows) {
    for (; rows >= TILE_ROWS; rows -= TILE_ROWS) {
        tile(p, TILE_ROWS);
        p.a += TILE_ROWS * p.a_stride;
        p.c += TILE_ROWS * p.c_stride;
    }
    short_tile(p, rows);
}

void minnow_gemm_f32_avx2(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows, size_t columns,
                          size_t depth, float *c, size_t c_stride) {
    for (size_t n = 0; n < columns; n += 16)
        sixteen_columns((struct product){a, b + n, c + n, a_stride, b_stride, c_stride, depth}, rows);
}
