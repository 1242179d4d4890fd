#include "kernels/arm/arm.h"
#include "kernels/arm/bytes_neon.h"

/* Sixteen columns of `in`, `count` of which exist. */
struct columns {
    const float *in;
    size_t stride, rows, count;
};

static struct lanes highest_in_columns(const struct columns *columns) {
    struct lanes highest = zero_lanes();
    for (size_t r = 0; r < columns->rows; r++) {
        struct lanes x = load_lanes(columns->in + r * columns->stride, columns->count);
        for (size_t i = 0; i < 4; i++) highest.four[i] = greater_of(vabsq_f32(x.four[i]), highest.four[i]);
    }
    return highest;
}

/* A row's sixteen numbers as bytes, added to the sums; zeros beyond the last row and column. */
static inline int8x16_t quantize_row(const struct columns *columns, size_t r, const struct lanes *inverse,
                                     struct integers *sums) {
    if (r >= columns->rows) return vdupq_n_s8(0);
    struct lanes x = load_lanes(columns->in + r * columns->stride, columns->count);
    struct integers q;
    for (size_t i = 0; i < 4; i++) {
        q.four[i] = quantize_scaled(x.four[i], inverse->four[i]);
        sums->four[i] = vaddq_s32(sums->four[i], q.four[i]);
    }
    return narrow(q);
}

/* Four rows become the four bytes of each column: what ST4 does. */
static struct integers pack_block(const struct columns *columns, const struct lanes *inverse, int8_t *packed) {
    struct integers sums = {{vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)}};
    for (size_t r = 0; r < MINNOW_PADDED(columns->rows); r += 4, packed += 64) {
        int8x16x4_t rows;
        for (size_t i = 0; i < 4; i++) rows.val[i] = quantize_row(columns, r + i, inverse, &sums);
        vst4q_s8(packed, rows);
    }
    return sums;
}

void minnow_pack_columns_neon(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed,
                              float *scale, int32_t *column_sum) {
    for (size_t c = 0; c < columns; c += 16, packed += 16 * MINNOW_PADDED(rows)) {
        struct columns block = {in + c, stride, rows, columns - c};
        struct lanes highest = highest_in_columns(&block), inverse;
        for (size_t i = 0; i < 4; i++) {
            inverse.four[i] = inverse_of(highest.four[i]);
            vst1q_f32(scale + c + 4 * i, vdivq_f32(highest.four[i], vdupq_n_f32(127.0f)));
        }
        struct integers sums = pack_block(&block, &inverse, packed);
        for (size_t i = 0; i < 4; i++) vst1q_s32(column_sum + c + 4 * i, sums.four[i]);
    }
}
