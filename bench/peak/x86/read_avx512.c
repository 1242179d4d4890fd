/* Reading 512 bits at a time. */
#include <immintrin.h>

#include "bench/peak/x86/x86.h"

enum { STREAMS = 8 };

void peak_read_avx512(const void *bytes, size_t size) {
    __m512i sums[STREAMS];
#pragma GCC unroll 16
    for (int i = 0; i < STREAMS; i++) sums[i] = _mm512_setzero_si512();
    for (const __m512i *at = bytes, *end = at + size / sizeof *at; at < end; at += STREAMS)
#pragma GCC unroll 16
        for (int i = 0; i < STREAMS; i++) sums[i] = _mm512_xor_si512(sums[i], _mm512_load_si512(at + i));
#pragma GCC unroll 16
    for (int i = 1; i < STREAMS; i++) sums[0] = _mm512_add_epi32(sums[0], sums[i]);
    PEAK_CHANGED(sums[0]);
}
