/* What this machine can do at most: loops that only multiply, or only read. */
#ifndef MINNOW_BENCH_PEAK_H
#define MINNOW_BENCH_PEAK_H

#include <stdbool.h>
#include <stddef.h>

/* Operands stay in registers and every accumulator is independent, so nothing but the instruction's
 * own throughput is measured. */
struct peak {
    const char *name; /* as in "int8_avx2": what is multiplied, with which instructions */
    bool (*present)(void);
    double (*run)(long rounds); /* multiply-adds done */
};

struct peak_reader {
    const char *name;
    bool (*present)(void);
    void (*read)(const void *bytes, size_t size); /* all of them once; size is a multiple of 512 */
};

/* Both end with a zero row; one file for each architecture. */
extern const struct peak peaks[];
extern const struct peak_reader peak_readers[];

void peak_read_plain(const void *bytes, size_t size);

/* The compiler must believe that x, a vector in a register, has changed, and that it matters. */
#if defined(__x86_64__)
#define PEAK_CHANGED(x) __asm__ volatile("" : "+v"(x))
#elif defined(__aarch64__)
#define PEAK_CHANGED(x) __asm__ volatile("" : "+w"(x))
#else
#define PEAK_CHANGED(x) __asm__ volatile("" : "+m"(x))
#endif

#endif
