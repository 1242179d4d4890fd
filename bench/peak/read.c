/* Reading with what every CPU of the architecture has. */
#include "bench/peak/peak.h"

#include <stdint.h>

typedef uint64_t vector __attribute__((vector_size(16)));
enum { STREAMS = 8 };

void peak_read_plain(const void *bytes, size_t size) {
    vector sums[STREAMS] = {{0}};
    for (const vector *at = bytes, *end = at + size / sizeof *at; at < end; at += STREAMS)
#pragma GCC unroll 16
        for (int i = 0; i < STREAMS; i++) sums[i] ^= at[i];
#pragma GCC unroll 16
    for (int i = 1; i < STREAMS; i++) sums[0] = sums[0] ^ sums[i];
    PEAK_CHANGED(sums[0]);
}
