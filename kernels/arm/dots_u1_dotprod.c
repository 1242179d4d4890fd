#include "kernels/arm/arm.h"
#include "kernels/arm/planes_neon.h"

enum { CODES = 8, LINE_COLUMNS = 32 };

static inline __attribute__((always_inline)) int32x4_t add_quarter(int32x4_t sum, uint8x16_t quarter,
                                                                   const int8x16_t words[CODES]) {
    for (int j = 0; j < CODES; j++) {
        uint8x16_t shifted = vshlq_u8(quarter, vdupq_n_s8((int8_t)(-1 * j)));
        int8x16_t codes = vreinterpretq_s8_u8(vandq_u8(shifted, vdupq_n_u8(1)));
        sum = vdotq_s32(sum, codes, words[j]);
    }
    return sum;
}

void minnow_dots_u1_dotprod(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    size_t count = blocks;
    for (size_t g = 0; g < groups; g++) {
        int32x4_t sums[QUARTERS] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
        const uint8_t *lines = plane + g * count * MINNOW_PLANE_LINE;
        for (size_t i = 0; i < count; i++) {
            int8x16_t words[CODES];
            for (size_t j = 0; j < CODES; j++) words[j] = load_word(query + i * LINE_COLUMNS + 4 * j);
            for (size_t q = 0; q < QUARTERS; q++)
                sums[q] = add_quarter(sums[q], vld1q_u8(lines + i * MINNOW_PLANE_LINE + q * QUARTER_BYTES), words);
        }
        for (size_t q = 0; q < QUARTERS; q++)
            refine_quarter(out + g * MINNOW_PLANE_VECTORS + q * QUARTER_VECTORS, 1, sums[q]);
    }
}
