/* SDOT. */
#include <arm_neon.h>

#include "bench/peak/arm/arm.h"

enum { ACCUMULATORS = 16 };

double peak_int8_dotprod(long rounds) {
    int32x4_t sums[ACCUMULATORS];
    int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
#pragma GCC unroll 16
    for (int i = 0; i < ACCUMULATORS; i++) sums[i] = vdupq_n_s32(i);
    for (long round = 0; round < rounds; round++)
#pragma GCC unroll 16
        for (int i = 0; i < ACCUMULATORS; i++) {
            sums[i] = vdotq_s32(sums[i], a, b);
            PEAK_CHANGED(sums[i]); /* else gcc moves them from register to register */
        }
#pragma GCC unroll 16
    for (int i = 1; i < ACCUMULATORS; i++) sums[0] = vaddq_s32(sums[0], sums[i]);
    PEAK_CHANGED(sums[0]);
    return (double)rounds * ACCUMULATORS * 16;
}
