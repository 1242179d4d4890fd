#include "kernels/x86/lanes_avx2.h"
#include "kernels/x86/x86.h"

enum { MOST_VECTORS = MINNOW_LARGEST_ROTATION / 8 };

/* One block in registers: pairs are 8, 16, .. columns apart, so whole vectors meet. */
static inline __attribute__((always_inline)) void rotate_block(const float *in, const float *multiplier, float *out,
                                                               size_t vectors) {
    __m256 x[MOST_VECTORS];
    for (size_t i = 0; i < vectors; i++)
        x[i] = _mm256_mul_ps(_mm256_loadu_ps(in + 8 * i), _mm256_loadu_ps(multiplier + 8 * i));
    for (size_t distance = 1; distance < vectors; distance *= 2)
        for (size_t i = 0; i < vectors; i++) {
            if (i & distance) continue;
            __m256 a = x[i], b = x[i + distance];
            x[i] = _mm256_add_ps(a, b);
            x[i + distance] = _mm256_sub_ps(a, b);
        }
    for (size_t i = 0; i < vectors; i++) _mm256_storeu_ps(out + 8 * i, x[i]);
}

static void scale_row(const float *in, const float *multiplier, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += 8) {
        size_t count = columns - c;
        store_eight(out + c, _mm256_mul_ps(load_eight(in + c, count), load_eight(multiplier + c, count)), count);
    }
}

static void rotate_row(const float *in, const float *multiplier, size_t block, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += block) switch (block) {
        case 16: rotate_block(in + c, multiplier + c, out + c, 2); break;
        case 32: rotate_block(in + c, multiplier + c, out + c, 4); break;
        case 64: rotate_block(in + c, multiplier + c, out + c, 8); break;
        default: rotate_block(in + c, multiplier + c, out + c, MOST_VECTORS); break;
        }
}

void minnow_rotate_rows_avx2(const float *in, size_t in_stride, const float *multiplier, size_t block, size_t rows,
                             size_t columns, float *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride)
        if (block)
            rotate_row(in, multiplier, block, columns, out);
        else
            scale_row(in, multiplier, columns, out);
}
