/* Four rows side by side, sixteen columns of each at a time, because a lane's carry goes from column to column: the
 * arithmetic of some rows fills the time in which others wait. Their codes share a register, a quarter for each. */
#include <math.h>
#include <string.h>

#include "kernels/x86/elementary_avx512.h"
#include "kernels/x86/x86.h"

#define INLINE static inline __attribute__((always_inline))

enum { ROWS = 4 };

struct rows {
    const float *x[ROWS];
    int8_t *out[ROWS];
    size_t columns;
    __m512 factor;
    uint8_t flip;
    __m512 highest[ROWS], carry[ROWS];
    __m512i sums; /* of codes: four in each row's quarter */
};

/* Quarter i is of x[i]: the greater of its quarters, by element. */
INLINE __m512 fold_quarters(const __m512 x[ROWS]) {
    __m512 halves[2];
    for (size_t i = 0; i < 2; i++)
        halves[i] = _mm512_max_ps(_mm512_shuffle_f32x4(x[2 * i], x[2 * i + 1], _MM_SHUFFLE(1, 0, 1, 0)),
                                  _mm512_shuffle_f32x4(x[2 * i], x[2 * i + 1], _MM_SHUFFLE(3, 2, 3, 2)));
    return _mm512_max_ps(_mm512_shuffle_f32x4(halves[0], halves[1], _MM_SHUFFLE(2, 0, 2, 0)),
                         _mm512_shuffle_f32x4(halves[0], halves[1], _MM_SHUFFLE(3, 1, 3, 1)));
}

INLINE void raise(const struct rows *rows, size_t c, __mmask16 kept, __m512 highest[ROWS]) {
    for (size_t i = 0; i < ROWS; i++)
        highest[i] = _mm512_max_ps(_mm512_mask_loadu_ps(highest[i], kept, rows->x[i] + c), highest[i]);
}

INLINE void find_highest(struct rows *rows) {
    __m512 lowest = _mm512_set1_ps(-INFINITY), highest[ROWS] = {lowest, lowest, lowest, lowest};
    size_t whole = rows->columns / 16 * 16;
    for (size_t c = 0; c < whole; c += 16) raise(rows, c, 0xFFFF, highest);
    if (whole < rows->columns) raise(rows, whole, first_lanes(rows->columns - whole), highest);
    __m512 all = fold_quarters(highest);
    all = _mm512_max_ps(all, _mm512_permute_ps(all, _MM_SHUFFLE(1, 0, 3, 2)));
    all = _mm512_max_ps(all, _mm512_permute_ps(all, _MM_SHUFFLE(2, 3, 0, 1)));
    rows->highest[0] = _mm512_shuffle_f32x4(all, all, _MM_SHUFFLE(0, 0, 0, 0));
    rows->highest[1] = _mm512_shuffle_f32x4(all, all, _MM_SHUFFLE(1, 1, 1, 1));
    rows->highest[2] = _mm512_shuffle_f32x4(all, all, _MM_SHUFFLE(2, 2, 2, 2));
    rows->highest[3] = _mm512_shuffle_f32x4(all, all, _MM_SHUFFLE(3, 3, 3, 3));
}

/* Adding 3 * 2^22 to a small number rounds it to an integer, in the low bits of the sum. */
static const float rounder = 0x1.8p+23f;

INLINE __m512 shift(__m512 x) { return _mm512_add_ps(x, _mm512_set1_ps(rounder)); }

/* What rounding left of x. */
INLINE __m512 remainder_of(__m512 x, __m512 shifted) {
    return _mm512_sub_ps(x, _mm512_sub_ps(shifted, _mm512_set1_ps(rounder)));
}

/* exp2_sixteen() of numbers that are not positive, with fewer and other instructions: the pipes share the load. */
INLINE void exp2_of_each(__m512 x[ROWS]) {
    __m512 shifted[ROWS], r[ROWS], p[ROWS];
    for (size_t i = 0; i < ROWS; i++) x[i] = _mm512_max_ps(x[i], _mm512_set1_ps(MINNOW_EXP2_LOWEST));
    for (size_t i = 0; i < ROWS; i++) shifted[i] = shift(x[i]);
    for (size_t i = 0; i < ROWS; i++) r[i] = remainder_of(x[i], shifted[i]);
    for (size_t i = 0; i < ROWS; i++) p[i] = _mm512_set1_ps(minnow_exp2_coefficients[2]);
    for (size_t k = 2; k > 0; k--)
        for (size_t i = 0; i < ROWS; i++)
            p[i] = _mm512_fmadd_ps(p[i], r[i], _mm512_set1_ps(minnow_exp2_coefficients[k - 1]));
    for (size_t i = 0; i < ROWS; i++) p[i] = _mm512_fmadd_ps(p[i], r[i], _mm512_set1_ps(1.0f));
    for (size_t i = 0; i < ROWS; i++) {
        __m512i exponent = _mm512_slli_epi32(_mm512_castps_si512(shifted[i]), 23);
        x[i] = _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(p[i]), exponent));
    }
}

/* The lowest bytes of 64 numbers, in order; the next bytes are zeros. */
INLINE __m512i low_bytes(const __m512 x[ROWS]) {
    const __m512i low = _mm512_set_epi16(62, 60, 58, 56, 54, 52, 50, 48, 46, 44, 42, 40, 38, 36, 34, 32, 30, 28, 26, 24,
                                         22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    __m512i a = _mm512_permutex2var_epi16(_mm512_castps_si512(x[0]), low, _mm512_castps_si512(x[1]));
    __m512i b = _mm512_permutex2var_epi16(_mm512_castps_si512(x[2]), low, _mm512_castps_si512(x[3]));
    return _mm512_permutexvar_epi64(order, _mm512_packus_epi16(a, b));
}

/* code - 127, with the sign bit flipped or not, is code plus this. */
INLINE __m512i code_offset(uint8_t flip) { return _mm512_set1_epi8((char)(flip ? 1 : -127)); }

INLINE void store_codes(struct rows *rows, size_t c, __mmask16 kept, __m512i codes) {
    __mmask64 all_kept = kept * 0x0001000100010001u;
    rows->sums = _mm512_dpbusd_epi32(rows->sums, _mm512_maskz_mov_epi8(all_kept, codes), _mm512_set1_epi8(1));
    codes = _mm512_add_epi8(codes, code_offset(rows->flip));
    codes = _mm512_mask_blend_epi8(all_kept, _mm512_set1_epi8((char)rows->flip), codes);
    _mm_storeu_si128((void *)(rows->out[0] + c), _mm512_castsi512_si128(codes));
    _mm_storeu_si128((void *)(rows->out[1] + c), _mm512_extracti32x4_epi32(codes, 1));
    _mm_storeu_si128((void *)(rows->out[2] + c), _mm512_extracti32x4_epi32(codes, 2));
    _mm_storeu_si128((void *)(rows->out[3] + c), _mm512_extracti32x4_epi32(codes, 3));
}

INLINE void add_columns(struct rows *rows, size_t c, __mmask16 kept) {
    __m512 x[ROWS], v[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        x[i] = _mm512_sub_ps(_mm512_maskz_loadu_ps(kept, rows->x[i] + c), rows->highest[i]);
        x[i] = _mm512_mul_ps(rows->factor, x[i]);
    }
    exp2_of_each(x);
    for (size_t i = 0; i < ROWS; i++) v[i] = _mm512_fmadd_ps(x[i], _mm512_set1_ps(254.0f), rows->carry[i]);
    for (size_t i = 0; i < ROWS; i++) x[i] = shift(v[i]);
    for (size_t i = 0; i < ROWS; i++) rows->carry[i] = remainder_of(v[i], x[i]);
    store_codes(rows, c, kept, low_bytes(x));
}

/* Scale and zero of each row, of which there are `count`. */
INLINE void store_parameters(__m512i sums, size_t count, struct minnow_row_quantization *quantization) {
    sums = _mm512_add_epi32(sums, _mm512_shuffle_epi32(sums, _MM_PERM_BADC));
    sums = _mm512_add_epi32(sums, _mm512_shuffle_epi32(sums, _MM_PERM_CDAB));
    __m512 scale = _mm512_div_ps(_mm512_set1_ps(1.0f), _mm512_cvtepi32_ps(sums));
    __m512i pairs = _mm512_mask_blend_epi32(0xAAAA, _mm512_castps_si512(scale), _mm512_set1_epi32(-127));
    pairs = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 0, 0, 0, 0), pairs);
    _mm512_mask_storeu_epi64(quantization, (__mmask8)first_lanes(count < ROWS ? count : ROWS), pairs);
}

static void run(struct rows rows, size_t count, struct minnow_row_quantization *quantization) {
    size_t whole = rows.columns / 16 * 16;
    find_highest(&rows);
    for (size_t i = 0; i < ROWS; i++) rows.carry[i] = _mm512_setzero_ps();
    rows.sums = _mm512_setzero_si512();
    for (size_t c = 0; c < whole; c += 16) add_columns(&rows, c, 0xFFFF);
    if (whole < rows.columns) add_columns(&rows, whole, first_lanes(rows.columns - whole));
    store_parameters(rows.sums, count, quantization);
}

void minnow_softmax_quantize_rows_avx512vnni(const float *x, size_t stride, size_t rows, size_t columns, float factor,
                                             uint8_t flip, int8_t *out, size_t out_stride,
                                             struct minnow_row_quantization *quantization) {
    size_t written = MINNOW_PADDED(columns);
    for (size_t first = 0; first < rows; first += ROWS) {
        struct rows four = {.columns = columns, .factor = _mm512_set1_ps(factor), .flip = flip};
        for (size_t i = 0; i < ROWS; i++) {
            size_t r = first + i < rows ? first + i : rows - 1; /* the last again where there are fewer */
            four.x[i] = x + r * stride;
            four.out[i] = out + r * out_stride;
        }
        run(four, rows - first, quantization + first);
    }
    if (written == out_stride) return;
    for (size_t r = 0; r < rows; r++) memset(out + r * out_stride + written, flip, out_stride - written);
}
