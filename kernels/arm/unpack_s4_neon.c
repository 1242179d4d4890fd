#include <arm_neon.h>

#include "kernels/arm/arm.h"

/* Four outputs by four inputs of a block, times their steps, minus what the middle code gives. */
static inline void store_weights(int8_t *out, uint8x16_t codes, uint8x16_t times, uint8x16_t offset) {
    vst1q_s8(out, vreinterpretq_s8_u8(vsubq_u8(vmulq_u8(codes, times), offset)));
}

/* Four outputs of some pairs of blocks, whose inputs share their steps. */
static void unpack_quarter(const uint8_t *codes, uint8x16_t times, uint8x16_t offset, size_t pairs, int8_t *out) {
    for (size_t p = 0; p < pairs; p++, codes += 64, out += 128) {
        uint8x16_t both = vld1q_u8(codes);
        store_weights(out, vandq_u8(both, vdupq_n_u8(15)), times, offset);
        store_weights(out + 64, vshrq_n_u8(both, 4), times, offset);
    }
}

static void unpack_group(const uint8_t *codes, const uint8_t *steps, size_t pairs, int8_t *out) {
    static const uint8_t first_four[16] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
    uint8x16_t step = vld1q_u8(steps), outputs = vld1q_u8(first_four);
    uint8x16_t times = vandq_u8(step, vdupq_n_u8(15));
    uint8x16_t middle = vaddq_u8(vandq_u8(vshrq_n_u8(step, 4), vdupq_n_u8(1)), vdupq_n_u8(7));
    uint8x16_t offset = vmulq_u8(times, middle);
    for (size_t o = 0; o < 64; o += 16) {
        unpack_quarter(codes + o, vqtbl1q_u8(times, outputs), vqtbl1q_u8(offset, outputs), pairs, out + o);
        outputs = vaddq_u8(outputs, vdupq_n_u8(4));
    }
}

void minnow_unpack_s4_neon(const uint8_t *codes, const uint8_t *steps, size_t inputs, int8_t *out) {
    for (size_t pairs = MINNOW_PADDED(inputs) / 8; pairs > 0; codes += 256, steps += 16, out += 512) {
        size_t some = pairs < 4 ? pairs : 4;
        unpack_group(codes, steps, some, out);
        pairs -= some;
    }
}
