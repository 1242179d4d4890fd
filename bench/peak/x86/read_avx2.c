/* Reading 256 bits at a time. */
#include <immintrin.h>

#include "bench/peak/x86/x86.h"

enum { STREAMS = 8 };

void peak_read_avx2(const void *bytes, size_t size) {
    __m256i sums[STREAMS];
#pragma GCC unroll 16
    for (int i = 0; i < STREAMS; i++) sums[i] = _mm256_setzero_si256();
    for (const __m256i *at = bytes, *end = at + size / sizeof *at; at < end; at += STREAMS)
#pragma GCC unroll 16
        for (int i = 0; i < STREAMS; i++) sums[i] = _mm256_xor_si256(sums[i], _mm256_load_si256(at + i));
#pragma GCC unroll 16
    for (int i = 1; i < STREAMS; i++) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
    PEAK_CHANGED(sums[0]);
}
