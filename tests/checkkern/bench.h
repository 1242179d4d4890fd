/* What the benchmark measures beside the kernels: the machine. */
#ifndef CHECKKERN_BENCH_H
#define CHECKKERN_BENCH_H

#include <stdbool.h>
#include <stddef.h>

double now_s(void);

/* Cycles a second of the core that this runs on, by a chain of additions that each wait for the last:
 * time stamp counters run at a clock of their own. */
double core_clock_hz(void);

/* Out of every cache. False where this architecture offers no way. */
bool flush_from_caches(const void *bytes, size_t size);
size_t second_cache_bytes(void);

/* Multiply-adds a second that this tier's instruction reaches from registers alone, for an op that is judged
 * by it; 0 for others, or where the CPU has no such loop. */
double register_peak(const char *operation, const char *isa);

struct bench_machine {
    double clock_hz;
    double peak; /* multiply-adds a second of the op and tier at hand, or 0 */
};

#endif
