/* A lane's carry goes from column to column, so four rows are computed side by side: the arithmetic of some fills
 * the time in which others wait. */
#include <math.h>
#include <string.h>

#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

#define INLINE static inline __attribute__((always_inline))

INLINE __m512 highest_in_row(const float *x, size_t columns) {
    size_t whole = columns / 16 * 16;
    __m512 lowest = _mm512_set1_ps(-INFINITY);
    __m512 highest = _mm512_max_ps(_mm512_mask_loadu_ps(lowest, first_lanes(columns - whole), x + whole), lowest);
    for (size_t c = 0; c < whole; c += 16) highest = _mm512_max_ps(_mm512_loadu_ps(x + c), highest);
    return _mm512_set1_ps(_mm512_reduce_max_ps(highest));
}

/* What the columns of a row share, and what they hand on. */
struct row {
    __m512 highest, carry;
    __m512i sum;
};

/* Adding 3 * 2^22 to a small number rounds it to an integer, in the low bits of the sum. */
static const float rounder = 0x1.8p+23f;
static const uint32_t rounder_bits = 0x4B400000;

/* exp2_sixteen() of numbers that are not positive, with fewer and other instructions: the pipes share the load. */
INLINE __m512 exp2_of(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(MINNOW_EXP2_LOWEST));
    __m512 shifted = _mm512_add_ps(x, _mm512_set1_ps(rounder));
    __m512 r = _mm512_sub_ps(x, _mm512_sub_ps(shifted, _mm512_set1_ps(rounder)));
    __m512 p = _mm512_set1_ps(minnow_exp2_coefficients[2]);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(minnow_exp2_coefficients[1]));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(minnow_exp2_coefficients[0]));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
    __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(shifted), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(p), exponent));
}

/* Sixteen numbers whose low bytes are the codes. */
INLINE __m512i codes_of(struct row *row, __m512 x, float factor) {
    __m512 e = exp2_of(_mm512_mul_ps(_mm512_set1_ps(factor), _mm512_sub_ps(x, row->highest)));
    __m512 v = _mm512_fmadd_ps(e, _mm512_set1_ps(254.0f), row->carry);
    __m512 shifted = _mm512_add_ps(v, _mm512_set1_ps(rounder));
    row->carry = _mm512_sub_ps(v, _mm512_sub_ps(shifted, _mm512_set1_ps(rounder)));
    return _mm512_castps_si512(shifted);
}

/* code - 127, with the sign bit flipped or not, is code plus this. */
INLINE __m128i code_offset(uint8_t flip) { return _mm_set1_epi8((char)(flip ? 1 : -127)); }

struct operands {
    const float *x;
    size_t stride, columns;
    float factor;
    uint8_t flip;
    int8_t *out;
    size_t out_stride;
    struct minnow_row_quantization *quantization;
};

INLINE void add_columns(const struct operands *o, struct row *row, size_t r, size_t c) {
    __m512i codes = codes_of(row, _mm512_loadu_ps(o->x + r * o->stride + c), o->factor);
    row->sum = _mm512_add_epi32(row->sum, _mm512_sub_epi32(codes, _mm512_set1_epi32((int32_t)rounder_bits)));
    _mm_storeu_si128((__m128i *)(void *)(o->out + r * o->out_stride + c),
                     _mm_add_epi8(_mm512_cvtepi32_epi8(codes), code_offset(o->flip)));
}

/* The columns from `whole` on, which do not fill a register, and the row's parameters. */
INLINE void finish_row(const struct operands *o, struct row *row, size_t r, size_t whole) {
    if (whole < o->columns) {
        __mmask16 kept = first_lanes(o->columns - whole);
        __m512i codes = codes_of(row, _mm512_maskz_loadu_ps(kept, o->x + r * o->stride + whole), o->factor);
        __m128i bytes = _mm_add_epi8(_mm512_cvtepi32_epi8(codes), code_offset(o->flip));
        bytes = _mm_mask_blend_epi8(kept, _mm_set1_epi8((char)o->flip), bytes);
        _mm_storeu_si128((__m128i *)(void *)(o->out + r * o->out_stride + whole), bytes);
        codes = _mm512_maskz_sub_epi32(kept, codes, _mm512_set1_epi32((int32_t)rounder_bits));
        row->sum = _mm512_add_epi32(row->sum, codes);
    }
    o->quantization[r] = (struct minnow_row_quantization){1.0f / (float)_mm512_reduce_add_epi32(row->sum), -127};
}

INLINE struct row begin_row(const struct operands *o, size_t r) {
    return (struct row){highest_in_row(o->x + r * o->stride, o->columns), _mm512_setzero_ps(), _mm512_setzero_si512()};
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Four rows side by side, the last of all again where there are fewer. */
static void softmax_four_rows(const struct operands *o, size_t first, size_t last) {
    size_t second = smaller(first + 1, last), third = smaller(first + 2, last), fourth = smaller(first + 3, last);
    struct row a = begin_row(o, first), b = begin_row(o, second), c = begin_row(o, third), d = begin_row(o, fourth);
    size_t whole = o->columns / 16 * 16;
    for (size_t column = 0; column < whole; column += 16) {
        add_columns(o, &a, first, column);
        add_columns(o, &b, second, column);
        add_columns(o, &c, third, column);
        add_columns(o, &d, fourth, column);
    }
    finish_row(o, &a, first, whole);
    finish_row(o, &b, second, whole);
    finish_row(o, &c, third, whole);
    finish_row(o, &d, fourth, whole);
}

void minnow_softmax_quantize_rows_avx512vnni(const float *x, size_t stride, size_t rows, size_t columns, float factor,
                                             uint8_t flip, int8_t *out, size_t out_stride,
                                             struct minnow_row_quantization *quantization) {
    const struct operands operands = {x, stride, columns, factor, flip, out, out_stride, quantization};
    size_t written = MINNOW_PADDED(columns);
    for (size_t r = 0; r < rows; r += 4) softmax_four_rows(&operands, r, rows - 1);
    if (written == out_stride) return;
    for (size_t r = 0; r < rows; r++) memset(out + r * out_stride + written, flip, out_stride - written);
}
