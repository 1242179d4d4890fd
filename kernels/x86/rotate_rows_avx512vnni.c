#include "kernels/x86/lanes_avx512.h"
#include "kernels/x86/x86.h"

enum { MOST_VECTORS = MINNOW_LARGEST_ROTATION / 16 };

/* The pairs 8 apart lie in one register: (a, b) becomes (a + b, a - b). One multiply-add, which rounds as a sum does:
 * of additions a rotation has enough. */
static inline __m512 rotate_halves(__m512 x) {
    const __m512 signs = _mm512_mask_blend_ps(0xFF00, _mm512_set1_ps(1.0f), _mm512_set1_ps(-1.0f));
    return _mm512_fmadd_ps(x, signs, _mm512_shuffle_f32x4(x, x, _MM_SHUFFLE(1, 0, 3, 2)));
}

/* Pairs of registers `distance` apart. */
static inline void rotate_pairs(__m512 *x, size_t vectors, size_t distance) {
    for (size_t i = 0; i < vectors; i++) {
        if (i & distance) continue; /* the second of its pair */
        __m512 a = x[i], b = x[i + distance];
        x[i] = _mm512_add_ps(a, b);
        x[i + distance] = _mm512_sub_ps(a, b);
    }
}

static inline __attribute__((always_inline)) void rotate_block(const float *in, const float *multiplier, float *out,
                                                               size_t vectors) {
    __m512 x[MOST_VECTORS];
    for (size_t i = 0; i < vectors; i++)
        x[i] = rotate_halves(_mm512_mul_ps(_mm512_loadu_ps(in + 16 * i), _mm512_loadu_ps(multiplier + 16 * i)));
    if (vectors > 1) rotate_pairs(x, vectors, 1);
    if (vectors > 2) rotate_pairs(x, vectors, 2);
    if (vectors > 4) rotate_pairs(x, vectors, 4);
    for (size_t i = 0; i < vectors; i++) _mm512_storeu_ps(out + 16 * i, x[i]);
}

static void multiply(const float *in, const float *multiplier, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += 16)
        store_lanes(out + c, _mm512_mul_ps(load_lanes(in + c, columns - c), load_lanes(multiplier + c, columns - c)),
                    columns - c);
}

static void rotate_row(const float *in, const float *multiplier, size_t block, size_t columns, float *out) {
    for (size_t c = 0; c < columns; c += block) switch (block) {
        case 16: rotate_block(in + c, multiplier + c, out + c, 1); break;
        case 32: rotate_block(in + c, multiplier + c, out + c, 2); break;
        case 64: rotate_block(in + c, multiplier + c, out + c, 4); break;
        default: rotate_block(in + c, multiplier + c, out + c, MOST_VECTORS); break;
        }
}

void minnow_rotate_rows_avx512vnni(const float *in, size_t in_stride, const float *multiplier, size_t block,
                                   size_t rows, size_t columns, float *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r++, in += in_stride, out += out_stride) {
        if (block)
            rotate_row(in, multiplier, block, columns, out);
        else
            multiply(in, multiplier, columns, out);
    }
}
