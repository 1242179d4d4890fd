/* Exact products of signed bytes without VNNI: |a| times b with the sign of a. */
#include <immintrin.h>

#include "bench/peak/x86/x86.h"

enum { ACCUMULATORS = 8 }; /* with operands and a temporary, sixteen registers */

double peak_int8_avx2(long rounds) {
    __m256i sums[ACCUMULATORS], a = _mm256_set1_epi8(-3), b = _mm256_set1_epi8(5);
    __m256i size = _mm256_abs_epi8(a), ones = _mm256_set1_epi16(1);
#pragma GCC unroll 16
    for (int i = 0; i < ACCUMULATORS; i++) sums[i] = _mm256_set1_epi32(i);
    for (long round = 0; round < rounds; round++)
#pragma GCC unroll 16
        for (int i = 0; i < ACCUMULATORS; i++) {
            PEAK_CHANGED(b);
            __m256i pairs = _mm256_maddubs_epi16(size, _mm256_sign_epi8(b, a));
            sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(pairs, ones));
        }
#pragma GCC unroll 16
    for (int i = 1; i < ACCUMULATORS; i++) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
    PEAK_CHANGED(sums[0]);
    return (double)rounds * ACCUMULATORS * 32;
}
