#include "kernels/arm/arm.h"
#include "kernels/arm/lanes_neon.h"

enum { MOST_VECTORS = MINNOW_LARGEST_ROTATION / 4 };

/* One block in registers: pairs are 8, 16, .. columns apart, so whole vectors meet. */
static inline __attribute__((always_inline)) void rotate_block(const float *in, const float *multiplier, float *out,
                                                               size_t vectors) {
    float32x4_t x[MOST_VECTORS];
    for (size_t i = 0; i < vectors; i++) x[i] = vmulq_f32(vld1q_f32(in + 4 * i), vld1q_f32(multiplier + 4 * i));
    for (size_t distance = 2; distance < vectors; distance *= 2)
        for (size_t i = 0; i < vectors; i++) {
            if (i & distance) continue;
            float32x4_t a = x[i], b = x[i + distance];
            x[i] = vaddq_f32(a, b);
            x[i + distance] = vsubq_f32(a, b);
        }
    for (size_t i = 0; i < vectors; i++) vst1q_f32(out + 4 * i, x[i]);
}

static void scale_row(const float *in, const float *multiplier, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += 4) {
        size_t count = columns - c;
        store_four(out + c, vmulq_f32(load_four(in + c, count), load_four(multiplier + c, count)), count);
    }
}

static void rotate_row(const float *in, const float *multiplier, size_t block, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += block) switch (block) {
        case 16: rotate_block(in + c, multiplier + c, out + c, 4); break;
        case 32: rotate_block(in + c, multiplier + c, out + c, 8); break;
        case 64: rotate_block(in + c, multiplier + c, out + c, 16); break;
        default: rotate_block(in + c, multiplier + c, out + c, MOST_VECTORS); break;
        }
}

void minnow_rotate_rows_neon(const float *in, size_t in_stride, const float *multiplier, size_t block, size_t rows,
                             size_t columns, float *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride)
        if (block)
            rotate_row(in, multiplier, block, columns, out);
        else
            scale_row(in, multiplier, columns, out);
}
