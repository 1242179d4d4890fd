#include "kernels/arm/arm.h"
#include "kernels/arm/planes_neon.h"

/* A line adds to a 16-bit sum at most 4 products of 3 and 128: it has room for this many. */
enum { MOST_LINES = 21, CODES = 4, LINE_COLUMNS = 16 };

/* Four columns of two vectors a register: products, not yet their sums. */
static inline __attribute__((always_inline)) void add_quarter(int16x8_t sums[2], uint8x16_t quarter,
                                                              const int8x16_t words[CODES]) {
    for (int j = 0; j < CODES; j++) {
        uint8x16_t shifted = vshlq_u8(quarter, vdupq_n_s8((int8_t)(-2 * j)));
        int8x16_t codes = vreinterpretq_s8_u8(vandq_u8(shifted, vdupq_n_u8(3)));
        sums[0] = vmlal_s8(sums[0], vget_low_s8(codes), vget_low_s8(words[j]));
        sums[1] = vmlal_high_s8(sums[1], codes, words[j]);
    }
}

/* The dots of `count` lines, a word a vector. */
static inline void add_lines(int32x4_t total[QUARTERS], const int8_t *query, const uint8_t *lines, size_t count) {
    int16x8_t sums[QUARTERS][2];
    for (size_t q = 0; q < QUARTERS; q++) sums[q][0] = sums[q][1] = vdupq_n_s16(0);
    for (size_t i = 0; i < count; i++) {
        int8x16_t words[CODES];
        for (size_t j = 0; j < CODES; j++) words[j] = load_word(query + i * LINE_COLUMNS + 4 * j);
        for (size_t q = 0; q < QUARTERS; q++)
            add_quarter(sums[q], vld1q_u8(lines + i * MINNOW_PLANE_LINE + q * QUARTER_BYTES), words);
    }
    for (size_t q = 0; q < QUARTERS; q++) {
        int32x4_t pairs = vpaddq_s32(vpaddlq_s16(sums[q][0]), vpaddlq_s16(sums[q][1]));
        total[q] = vaddq_s32(total[q], pairs);
    }
}

void minnow_dots_u2_neon(const int8_t *query, const uint8_t *plane, size_t groups, size_t blocks, int32_t *out) {
    size_t count = 2 * blocks;
    for (size_t g = 0; g < groups; g++) {
        int32x4_t total[QUARTERS] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
        const uint8_t *lines = plane + g * count * MINNOW_PLANE_LINE;
        for (size_t i = 0; i < count; i += MOST_LINES)
            add_lines(total, query + i * LINE_COLUMNS, lines + i * MINNOW_PLANE_LINE,
                      count - i < MOST_LINES ? count - i : MOST_LINES);
        for (size_t q = 0; q < QUARTERS; q++)
            refine_quarter(out + g * MINNOW_PLANE_VECTORS + q * QUARTER_VECTORS, 2, total[q]);
    }
}
