#include "kernels/arm/arm.h"
#include "kernels/arm/planes_neon.h"

/* A line adds at most 8 to a byte: it has room for this many. */
enum { MOST_LINES = 31 };

/* Four vectors' words of `count` lines. */
static inline uint32x4_t sum_lines(const uint8_t *query, const uint8_t *quarter, size_t count) {
    uint8x16_t sums = vdupq_n_u8(0);
    for (size_t i = 0; i < count; i++) {
        uint8x16_t word = vreinterpretq_u8_s8(load_word(query + 4 * i));
        sums = vaddq_u8(sums, vcntq_u8(veorq_u8(vld1q_u8(quarter + i * MINNOW_PLANE_LINE), word)));
    }
    return vpaddlq_u16(vpaddlq_u8(sums));
}

void minnow_hamming_neon(const uint8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    for (size_t i = 0; i < QUARTERS * groups; i++) {
        const uint8_t *quarter = plane + i / QUARTERS * blocks * MINNOW_PLANE_LINE + i % QUARTERS * QUARTER_BYTES;
        uint32x4_t total = vdupq_n_u32(0);
        for (size_t b = 0; b < blocks; b += MOST_LINES)
            total = vaddq_u32(total, sum_lines(query + 4 * b, quarter + b * MINNOW_PLANE_LINE,
                                               blocks - b < MOST_LINES ? blocks - b : MOST_LINES));
        vst1q_s32(out + i * QUARTER_VECTORS, vreinterpretq_s32_u32(total));
    }
}
