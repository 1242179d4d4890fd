#include "kernels/reference/reference.h"

enum { NEAREST = 8 }; /* the least distance of a pair */

static void rotate_block(float *x, size_t block) {
    for (size_t distance = NEAREST; distance < block; distance *= 2)
        for (size_t i = 0; i < block; i++) {
            if (i & distance) continue; /* the second of its pair */
            float a = x[i], b = x[i + distance];
            x[i] = a + b;
            x[i + distance] = a - b;
        }
}

void minnow_rotate_rows_reference(const float *in, size_t in_stride, const float *multiplier, size_t block,
                                  size_t rows, size_t columns, float *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride) {
        for (size_t c = 0; c < columns; c++) out[c] = in[c] * multiplier[c];
        for (size_t c = 0; block && c < columns; c += block) rotate_block(out + c, block);
    }
}
