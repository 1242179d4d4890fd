/* A table of sixteen bytes is a register of TBL: sixteen tokens look up four columns at once. Bytes of two signs'
 * halves each are added before they are widened. */
#include "kernels/arm/arm.h"
#include "kernels/arm/planes_neon.h"

/* Query tokens that share what is loaded of tokens. */
enum { QUERIES = 4 };

/* Sums of sixteen tokens. */
struct words {
    uint16x8_t low, high;
};

static inline uint8x16_t look_up(const uint8_t *table, uint8x16_t halves) {
    return vqtbl1q_u8(vld1q_u8(table), halves);
}

/* `count`: a constant where this is inlined. */
static inline __attribute__((always_inline)) void raise_best(uint16x8_t best[QUERIES], const uint8_t *tables, size_t bytes,
                                                        const uint8_t *tokens, size_t count) {
    struct words sums[QUERIES];
    uint8x16_t half = vdupq_n_u8(15);
    for (size_t q = 0; q < count; q++) sums[q] = (struct words){vdupq_n_u16(0), vdupq_n_u16(0)};
    for (size_t b = 0; b < bytes; b += 2) {
        uint8x16_t first = vld1q_u8(tokens + 16 * b), second = vld1q_u8(tokens + 16 * b + 16);
        uint8x16_t first_high = vshrq_n_u8(first, 4), second_high = vshrq_n_u8(second, 4);
        first = vandq_u8(first, half), second = vandq_u8(second, half);
        for (size_t q = 0; q < count; q++) {
            const uint8_t *table = tables + 32 * (q * bytes + b);
            uint8x16_t one = vaddq_u8(look_up(table, first), look_up(table + 16, first_high));
            uint8x16_t two = vaddq_u8(look_up(table + 32, second), look_up(table + 48, second_high));
            uint8x16_t both = vaddq_u8(one, two);
            sums[q].low = vaddw_u8(sums[q].low, vget_low_u8(both));
            sums[q].high = vaddw_high_u8(sums[q].high, both);
        }
    }
    for (size_t q = 0; q < count; q++) best[q] = vmaxq_u16(best[q], vmaxq_u16(sums[q].low, sums[q].high));
}

static inline __attribute__((always_inline)) void best_sums(const struct minnow_maxsim_u1_args *args, size_t first,
                                                            int32_t out[QUERIES], size_t count) {
    const uint8_t *tables = args->tables + first * MINNOW_SIGN_TABLE_BYTES(args->columns);
    size_t bytes = MINNOW_PADDED(args->columns) / 8;
    uint16x8_t best[QUERIES];
    for (size_t q = 0; q < count; q++) best[q] = vdupq_n_u16(0);
    for (size_t g = 0; g < MINNOW_PADDED(args->token_count) / 16; g++)
        raise_best(best, tables, bytes, args->tokens + g * 16 * bytes, count);
    for (size_t q = 0; q < count; q++) out[q] = vmaxvq_u16(best[q]);
}

float minnow_maxsim_u1_neon(const struct minnow_maxsim_u1_args *args) {
    float sum = 0;
    for (size_t q = 0, count; q < args->query_count; q += count) {
        int32_t best[QUERIES];
        count = args->query_count - q >= QUERIES ? QUERIES : 1;
        if (count == QUERIES)
            best_sums(args, q, best, QUERIES);
        else
            best_sums(args, q, best, 1);
        for (size_t i = 0; i < count; i++) sum += args->scale[q + i] * (float)(2 * best[i] - args->size[q + i]);
    }
    return sum;
}
