/* How long each op takes with everything in cache, as it is inside a model. */
#include <stdio.h>
#include <time.h>

#include "tests/checkkern/check.h"

/* The time stamp counter: cycles of a fixed clock, near those of the core but not them. */
#if defined(__x86_64__)
#include <x86intrin.h>
static uint64_t ticks(void) { return __rdtsc(); }
#elif defined(__aarch64__)
static uint64_t ticks(void) {
    uint64_t value;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
}
#else
static uint64_t ticks(void) { return 0; }
#endif

static const struct shape products[] = {{1, 384, 384},  {8, 384, 384},  {16, 384, 384},  {128, 384, 384},
                                        {1, 1536, 384}, {8, 1536, 384}, {16, 1536, 384}, {128, 1536, 384},
                                        {1, 384, 1536}, {8, 384, 1536}, {16, 384, 1536}, {128, 384, 1536},
                                        {0, 0, 0}};
static const struct shape rows[] = {{1, 384, 0}, {16, 384, 0}, {128, 384, 0}, {16, 1536, 0}, {128, 1536, 0}, {0, 0, 0}};

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct timing {
    double nanoseconds, ticks; /* of one call */
};

/* The best of several runs of about five milliseconds. */
static struct timing time_calls(const struct operation *operation, const struct trial *trial,
                                const struct minnow_kernels *kernels, void *const *out) {
    struct timing best = {1e30, 1e30};
    size_t calls = 1;
    for (int run = 0; run < 12; run++) {
        double begin = seconds();
        uint64_t begin_ticks = ticks();
        for (size_t i = 0; i < calls; i++) operation->run(trial, kernels, out);
        double passed_ticks = (double)(ticks() - begin_ticks), passed = seconds() - begin;
        if (passed < 0.002) {
            calls *= passed < 0.0001 ? 16 : 2;
            run--;
            continue;
        }
        if (passed * 1e9 / (double)calls < best.nanoseconds)
            best = (struct timing){passed * 1e9 / (double)calls, passed_ticks / (double)calls};
    }
    return best;
}

void bench_shape(const struct operation *operation, const struct minnow_kernels *kernels, struct guard *guard,
                 struct shape shape) {
    guard_reset(guard, PLACEMENT_SPREAD);
    struct trial trial = {.shape = shape, .fill = FILL_RANDOM, .guard = guard, .random = {1}};
    trial_prepare(&trial, operation);
    void *out[MAX_OUTPUTS];
    trial_take_outputs(&trial, out);
    struct timing timing = time_calls(operation, &trial, kernels, out);
    double work = (double)shape.rows * (double)shape.outputs;
    if (operation->dimensions == 3) work *= (double)shape.inputs;
    printf("%-16s %-10s %4zu x %4zu x %4zu  %11.0f ns  %8.4f ns/%s  %7.2f %s/tick  %8.2f G%s/s\n", operation->name,
           kernels->isa, shape.rows, shape.outputs, shape.inputs, timing.nanoseconds, timing.nanoseconds / work,
           operation->unit, timing.ticks > 0 ? work / timing.ticks : 0, operation->unit, work / timing.nanoseconds,
           operation->unit);
    fflush(stdout);
}

void bench_operation(const struct operation *operation, const struct minnow_kernels *kernels, struct guard *guard) {
    const struct shape *shape = operation->bench;
    if (!shape) shape = operation->dimensions == 3 ? products : rows;
    for (; shape->rows; shape++) bench_shape(operation, kernels, guard, *shape);
}
