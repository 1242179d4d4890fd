/* FMA on 256 bits. */
#include <immintrin.h>

#include "bench/peak/x86/x86.h"

enum { ACCUMULATORS = 12 };

double peak_f32_avx2(long rounds) {
    __m256 sums[ACCUMULATORS], a = _mm256_set1_ps(0.5f), b = _mm256_set1_ps(0.25f);
#pragma GCC unroll 16
    for (int i = 0; i < ACCUMULATORS; i++) sums[i] = _mm256_set1_ps((float)i);
    for (long round = 0; round < rounds; round++)
#pragma GCC unroll 16
        for (int i = 0; i < ACCUMULATORS; i++) {
            sums[i] = _mm256_fmadd_ps(a, b, sums[i]);
            PEAK_CHANGED(sums[i]); /* else gcc moves them from register to register */
        }
#pragma GCC unroll 16
    for (int i = 1; i < ACCUMULATORS; i++) sums[0] = _mm256_add_ps(sums[0], sums[i]);
    PEAK_CHANGED(sums[0]);
    return (double)rounds * ACCUMULATORS * 8;
}
