/* VPDPBUSD on 256 bits. */
#include <immintrin.h>

#include "bench/peak/x86/x86.h"

enum { ACCUMULATORS = 12 };

double peak_int8_avxvnni(long rounds) {
    __m256i sums[ACCUMULATORS], a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(5);
#pragma GCC unroll 16
    for (int i = 0; i < ACCUMULATORS; i++) sums[i] = _mm256_set1_epi32(i);
    for (long round = 0; round < rounds; round++)
#pragma GCC unroll 16
        for (int i = 0; i < ACCUMULATORS; i++) {
            sums[i] = _mm256_dpbusd_avx_epi32(sums[i], a, b);
            PEAK_CHANGED(sums[i]); /* else gcc moves them from register to register */
        }
#pragma GCC unroll 16
    for (int i = 1; i < ACCUMULATORS; i++) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
    PEAK_CHANGED(sums[0]);
    return (double)rounds * ACCUMULATORS * 32;
}
