#include "kernels/arm/arm.h"
#include "kernels/arm/planes_neon.h"

/* Four products of at most 15 * 128 fit into 16 bits. */
static inline int32x4_t add_block(int32x4_t sum, const int8_t *query, const uint8_t *row) {
    uint8x16_t bytes = vld1q_u8(row);
    int8x16_t low = vreinterpretq_s8_u8(vandq_u8(bytes, vdupq_n_u8(15)));
    int8x16_t high = vreinterpretq_s8_u8(vshrq_n_u8(bytes, 4));
    int8x16_t first = vld1q_s8(query), second = vld1q_s8(query + 16);
    int16x8_t products = vmull_s8(vget_low_s8(low), vget_low_s8(first));
    products = vmlal_high_s8(products, low, first);
    products = vmlal_s8(products, vget_low_s8(high), vget_low_s8(second));
    return vpadalq_s16(sum, vmlal_high_s8(products, high, second));
}

void minnow_dots_u4_neon(const int8_t *query, const uint8_t *rows, size_t blocks, const uint32_t *indices,
                         size_t count, int32_t *out) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + (size_t)indices[i] * blocks * 16;
        int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
        for (size_t b = 0; b < blocks; b++)
            sums[b % 2] = add_block(sums[b % 2], query + b * MINNOW_PLANE_COLUMNS, row + b * 16);
        out[i] = vaddvq_s32(vaddq_s32(sums[0], sums[1]));
    }
}
