/* VDPBF16PS on 512 bits. */
#include <immintrin.h>

#include "bench/peak/x86/x86.h"

enum { ACCUMULATORS = 16 };

double peak_bf16_avx512bf16(long rounds) {
    __m512 sums[ACCUMULATORS];
    __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.5f), _mm512_set1_ps(0.5f)), b = a;
#pragma GCC unroll 16
    for (int i = 0; i < ACCUMULATORS; i++) sums[i] = _mm512_set1_ps((float)i);
    for (long round = 0; round < rounds; round++)
#pragma GCC unroll 16
        for (int i = 0; i < ACCUMULATORS; i++) {
            sums[i] = _mm512_dpbf16_ps(sums[i], a, b);
            PEAK_CHANGED(sums[i]); /* else gcc moves them from register to register */
        }
#pragma GCC unroll 16
    for (int i = 1; i < ACCUMULATORS; i++) sums[0] = _mm512_add_ps(sums[0], sums[i]);
    PEAK_CHANGED(sums[0]);
    return (double)rounds * ACCUMULATORS * 32;
}
