/* Products of signed bytes in pairs, added up in 32 bits: SMULL, SMLAL2, SADALP. */
#include <arm_neon.h>

#include "bench/peak/arm/arm.h"

enum { ACCUMULATORS = 12 };

double peak_int8_neon(long rounds) {
    int32x4_t sums[ACCUMULATORS];
    int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
#pragma GCC unroll 16
    for (int i = 0; i < ACCUMULATORS; i++) sums[i] = vdupq_n_s32(i);
    for (long round = 0; round < rounds; round++)
#pragma GCC unroll 16
        for (int i = 0; i < ACCUMULATORS; i++) {
            PEAK_CHANGED(b);
            int16x8_t pairs = vmlal_high_s8(vmull_s8(vget_low_s8(a), vget_low_s8(b)), a, b);
            sums[i] = vpadalq_s16(sums[i], pairs);
        }
#pragma GCC unroll 16
    for (int i = 1; i < ACCUMULATORS; i++) sums[0] = vaddq_s32(sums[0], sums[i]);
    PEAK_CHANGED(sums[0]);
    return (double)rounds * ACCUMULATORS * 16;
}
