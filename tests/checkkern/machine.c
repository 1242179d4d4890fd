#include "tests/checkkern/bench.h"

#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 64, DEFAULT_SECOND_CACHE = 1 << 20, CHAIN_STEPS = 64, CLOCK_RUNS = 200 };

double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Additions of registers: some CPUs do those of small constants ahead of time. */
static uint64_t add_in_turn(uint64_t sum, uint64_t step, size_t rounds) {
    for (size_t round = 0; round < rounds; round++) {
#pragma GCC unroll 64
        for (int i = 0; i < CHAIN_STEPS; i++) {
            sum += step;
            __asm__ volatile("" : "+r"(sum), "+r"(step));
        }
    }
    return sum;
}

double core_clock_hz(void) {
    static volatile uint64_t sink;
    const size_t rounds = 20000;
    double best = 0;
    for (int run = 0; run < CLOCK_RUNS; run++) {
        double begin = now_s();
        sink = add_in_turn(sink, 3, rounds);
        double hertz = (double)(rounds * CHAIN_STEPS) / (now_s() - begin);
        if (hertz > best) best = hertz;
    }
    return best;
}

size_t second_cache_bytes(void) {
    long bytes = -1;
#ifdef _SC_LEVEL2_CACHE_SIZE
    bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
    return bytes > 0 ? (size_t)bytes : DEFAULT_SECOND_CACHE;
}

#if defined(__x86_64__)
static bool flush_line(const char *at) {
    __builtin_ia32_clflush(at);
    return true;
}
static void wait_for_flushes(void) { __builtin_ia32_mfence(); }
#elif defined(__aarch64__)
static bool flush_line(const char *at) {
    __asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
    return true;
}
static void wait_for_flushes(void) { __asm__ volatile("dsb sy" : : : "memory"); }
#else
static bool flush_line(const char *at) { return at == NULL; }
static void wait_for_flushes(void) {}
#endif

bool flush_from_caches(const void *bytes, size_t size) {
    bool flushed = true;
    for (size_t at = 0; at < size; at += LINE) flushed &= flush_line((const char *)bytes + at);
    wait_for_flushes();
    return flushed;
}
