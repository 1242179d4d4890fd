#include "kernels/arm/arm.h"
#include "kernels/arm/bytes_neon.h"

/* A row of `in` that becomes an output; the rows beyond the last are zeros. */
struct row {
    const float *in;
    size_t columns;
    float32x4_t inverse;
    int32x4_t sums;
};

static float highest_in_row(const float *x, size_t columns) {
    float32x4_t highest = vdupq_n_f32(0);
    for (size_t c = 0; c < columns; c += 4)
        highest = greater_of(vabsq_f32(load_four(x + c, columns - c)), highest);
    return vmaxvq_f32(highest); /* no NaN is left */
}

static struct row begin_row(const float *in, size_t columns, float *scale) {
    float highest = highest_in_row(in, columns);
    *scale = highest / 127.0f;
    return (struct row){in, columns, inverse_of(vdupq_n_f32(highest)), vdupq_n_s32(0)};
}

static inline int32x4_t quantize_sixteen(struct row *row, size_t c) {
    if (c >= row->columns) return vdupq_n_s32(0);
    struct lanes x = load_lanes(row->in + c, row->columns - c);
    struct integers q;
    for (size_t i = 0; i < 4; i++) {
        q.four[i] = quantize_scaled(x.four[i], row->inverse);
        row->sums = vaddq_s32(row->sums, q.four[i]);
    }
    return vreinterpretq_s32_s8(narrow(q));
}

/* Sixteen inputs of four outputs: four inputs are an element, and outputs lie side by side in four blocks. */
static void store_four_outputs(const int32x4_t q[4], int8_t *packed) {
    int64x2_t low[2], high[2]; /* of outputs 0 and 1, 2 and 3 */
    for (size_t i = 0; i < 2; i++) {
        low[i] = vreinterpretq_s64_s32(vzip1q_s32(q[2 * i], q[2 * i + 1]));
        high[i] = vreinterpretq_s64_s32(vzip2q_s32(q[2 * i], q[2 * i + 1]));
    }
    vst1q_s8(packed, vreinterpretq_s8_s64(vzip1q_s64(low[0], low[1])));
    vst1q_s8(packed + 64, vreinterpretq_s8_s64(vzip2q_s64(low[0], low[1])));
    vst1q_s8(packed + 128, vreinterpretq_s8_s64(vzip1q_s64(high[0], high[1])));
    vst1q_s8(packed + 192, vreinterpretq_s8_s64(vzip2q_s64(high[0], high[1])));
}

static void pack_four_rows(struct row rows[4], size_t columns, int8_t *packed, int32_t *column_sum) {
    for (size_t c = 0; c < columns; c += 16) {
        int32x4_t q[4];
        for (size_t i = 0; i < 4; i++) q[i] = quantize_sixteen(rows + i, c);
        store_four_outputs(q, packed + 16 * c);
    }
    for (size_t i = 0; i < 4; i++) column_sum[i] = vaddvq_s32(rows[i].sums);
}

void minnow_pack_rows_neon(const float *in, size_t stride, size_t rows, size_t columns, int8_t *packed, float *scale,
                           int32_t *column_sum) {
    for (size_t r = 0; r < MINNOW_PADDED(rows); r += 4) {
        struct row four[4] = {{0}};
        for (size_t i = 0; i < 4; i++) {
            scale[r + i] = 0;
            if (r + i < rows) four[i] = begin_row(in + (r + i) * stride, columns, scale + r + i);
        }
        pack_four_rows(four, columns, packed + r / 16 * 16 * MINNOW_PADDED(columns) + r % 16 * 4, column_sum + r);
    }
}
