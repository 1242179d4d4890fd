#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

/* Sixteen sums, four of b and four of a leave the compiler room in thirty-two registers. */
enum { TILE_ROWS = 4 };

struct product {
    const float *a, *b;
    float *c;
    size_t a_stride, b_stride, c_stride, depth;
};

static inline __attribute__((always_inline)) void tile(struct product p, size_t rows) {
    struct lanes sums[TILE_ROWS];
    for (size_t r = 0; r < rows; r++) sums[r] = zero_lanes();
    for (size_t k = 0; k < p.depth; k++) {
        struct lanes b = load_whole_lanes(p.b + k * p.b_stride);
        for (size_t r = 0; r < rows; r++) {
            float32x4_t a = vdupq_n_f32(p.a[r * p.a_stride + k]);
            for (size_t i = 0; i < 4; i++) sums[r].four[i] = vfmaq_f32(sums[r].four[i], a, b.four[i]);
        }
    }
    for (size_t r = 0; r < rows; r++) store_whole_lanes(p.c + r * p.c_stride, sums[r]);
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

void minnow_gemm_f32_neon(const float *a, size_t a_stride, const float *b, size_t b_stride, size_t rows, size_t columns,
                          size_t depth, float *c, size_t c_stride) {
    for (size_t n = 0; n < columns; n += 16)
        sixteen_columns((struct product){a, b + n, c + n, a_stride, b_stride, c_stride, depth}, rows);
}
