/* FMLA. */
#include <arm_neon.h>

#include "bench/peak/arm/arm.h"

enum { ACCUMULATORS = 16 };

double peak_f32_neon(long rounds) {
    float32x4_t sums[ACCUMULATORS], a = vdupq_n_f32(0.5f), b = vdupq_n_f32(0.25f);
#pragma GCC unroll 16
    for (int i = 0; i < ACCUMULATORS; i++) sums[i] = vdupq_n_f32((float)i);
    for (long round = 0; round < rounds; round++)
#pragma GCC unroll 16
        for (int i = 0; i < ACCUMULATORS; i++) {
            sums[i] = vfmaq_f32(sums[i], a, b);
            PEAK_CHANGED(sums[i]); /* else gcc moves them from register to register */
        }
#pragma GCC unroll 16
    for (int i = 1; i < ACCUMULATORS; i++) sums[0] = vaddq_f32(sums[0], sums[i]);
    PEAK_CHANGED(sums[0]);
    return (double)rounds * ACCUMULATORS * 4;
}
