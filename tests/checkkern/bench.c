/* How long each op takes: with everything in cache, and with weights that are not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/checkkern/bench.h"
#include "tests/checkkern/check.h"

static const struct shape products[] = {{1, 384, 384},  {8, 384, 384},  {16, 384, 384},  {128, 384, 384},
                                        {1, 1536, 384}, {8, 1536, 384}, {16, 1536, 384}, {128, 1536, 384},
                                        {1, 384, 1536}, {8, 384, 1536}, {16, 384, 1536}, {128, 384, 1536},
                                        {180, 32, 128}, {0, 0, 0}}; /* the last: late interaction */
static const struct shape rows[] = {{1, 384, 0}, {16, 384, 0}, {128, 384, 0}, {16, 1536, 0}, {128, 1536, 0}, {0, 0, 0}};

/* Which input of an op streams through the caches, with every text or query: weights, or an index's vectors. */
static const struct {
    const char *operation;
    size_t input;
} streamed[] = {{"gemm_s8", 2}, {"dots_f32", 1}, {"dots_s8", 1}};

enum { RUNS = 20, FLUSHED_RUNS = 101, CACHES_FILLED = 4, MOST_COPIES = 512, ALIGNMENT = 64 };
static const double run_s = 0.001;

/* One op at one shape; calls take turns through `copies` of what streams. */
struct timed {
    const struct operation *operation;
    const struct minnow_kernels *kernels;
    struct trial trial;
    void *out[MAX_OUTPUTS];
    size_t weights; /* which input; 0 where the op has none */
    size_t weight_bytes;
    const uint8_t *copies;
    size_t copy_count, next;
};

static void call(struct timed *timed) {
    if (timed->copy_count) {
        timed->trial.in[timed->weights] = timed->copies + timed->next * timed->weight_bytes;
        timed->next = (timed->next + 1) % timed->copy_count;
    }
    timed->operation->run(&timed->trial, timed->kernels, timed->out);
}

/* Seconds of one call: the best of several runs. */
static double time_calls(struct timed *timed) {
    double best = 1e30;
    size_t calls = 1;
    for (int run = 0; run < RUNS;) {
        double begin = now_s();
        for (size_t i = 0; i < calls; i++) call(timed);
        double passed = now_s() - begin;
        if (passed < run_s) {
            calls *= 2;
            continue;
        }
        if (passed / (double)calls < best) best = passed / (double)calls;
        run++;
    }
    return best;
}

static int by_value(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The median call with the weights in no cache; 0 where they cannot be flushed. */
static double time_flushed(struct timed *timed) {
    double times[FLUSHED_RUNS];
    for (int run = 0; run < FLUSHED_RUNS; run++) {
        if (!flush_from_caches(timed->copies, timed->weight_bytes)) return 0;
        double begin = now_s();
        call(timed);
        times[run] = now_s() - begin;
    }
    qsort(times, FLUSHED_RUNS, sizeof *times, by_value);
    return times[FLUSHED_RUNS / 2];
}

static size_t bytes_of(const struct guard *guard, const void *buffer) {
    for (size_t i = 0; i < guard->used; i++)
        if (guard->slots[i].buffer == buffer) return guard->slots[i].bytes;
    return 0;
}

/* Of weights, or else of all buffers: those changed in place count twice, once as the input that was copied. */
static size_t moved_bytes(const struct timed *timed) {
    const struct guard *guard = timed->trial.guard;
    size_t bytes = 0;
    if (timed->weights) return bytes_of(guard, timed->trial.in[timed->weights]);
    for (size_t i = 0; i < guard->used; i++) bytes += guard->slots[i].bytes;
    return bytes;
}

static size_t weights_of(const struct operation *operation) {
    for (size_t i = 0; i < sizeof streamed / sizeof *streamed; i++)
        if (strcmp(streamed[i].operation, operation->name) == 0) return streamed[i].input;
    return 0;
}

/* More copies than the second cache holds. */
static uint8_t *copy_weights(struct timed *timed) {
    const void *weights = timed->trial.in[timed->weights];
    timed->weight_bytes = bytes_of(timed->trial.guard, weights);
    size_t count = CACHES_FILLED * second_cache_bytes() / timed->weight_bytes + 2;
    timed->copy_count = count < MOST_COPIES ? count : MOST_COPIES;
    size_t bytes = timed->copy_count * timed->weight_bytes;
    uint8_t *copies = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    for (size_t i = 0; copies && i < timed->copy_count; i++)
        memcpy(copies + i * timed->weight_bytes, weights, timed->weight_bytes);
    return copies;
}

static void print_cold(const char *what, double time_s, double work, double bytes) {
    if (time_s > 0)
        printf("    %s %9.0f ns %7.1f GMAC/s, %5.1f GB/s", what, time_s * 1e9, work / time_s * 1e-9,
               bytes / time_s * 1e-9);
}

static void time_cold(struct timed *timed, double work) {
    uint8_t *copies = copy_weights(timed);
    if (!copies) return;
    timed->copies = copies;
    print_cold("beyond L2:", time_calls(timed), work, (double)timed->weight_bytes);
    timed->copy_count = 1;
    timed->next = 0;
    print_cold("flushed:", time_flushed(timed), work, (double)timed->weight_bytes);
    printf("\n");
    free(copies);
}

static void print_warm(const struct timed *timed, double time_s, double work, const struct bench_machine *machine) {
    const struct shape *shape = &timed->trial.shape;
    double cycles = time_s * machine->clock_hz;
    printf("%-22s %-10s %4zu x %4zu x %4zu %10.0f ns %10.0f cycles  %8.2f %s/cycle %8.2f G%s/s %7.1f GB/s",
           timed->operation->name, timed->kernels->isa, shape->rows, shape->outputs, shape->inputs, time_s * 1e9,
           cycles, work / cycles, timed->operation->unit, work / time_s * 1e-9, timed->operation->unit,
           (double)moved_bytes(timed) / time_s * 1e-9);
    if (machine->peak > 0) printf("  %3.0f%% of the peak", 100 * work / time_s / machine->peak);
    printf("\n");
}

static void bench_on(const struct operation *operation, const struct minnow_kernels *kernels, struct guard *guard,
                     struct shape shape, const struct bench_machine *machine) {
    guard_reset(guard, PLACEMENT_SPREAD);
    struct timed timed = {.operation = operation, .kernels = kernels, .weights = weights_of(operation)};
    timed.trial = (struct trial){.shape = shape, .fill = FILL_RANDOM, .guard = guard, .random = {1}};
    trial_prepare(&timed.trial, operation);
    trial_take_outputs(&timed.trial, timed.out);
    double work = (double)shape.rows * (double)shape.outputs;
    if (operation->dimensions == 3) work *= (double)shape.inputs;
    print_warm(&timed, time_calls(&timed), work, machine);
    if (timed.weights) time_cold(&timed, work);
    fflush(stdout);
}

static struct bench_machine meet_machine(const struct operation *operation, const struct minnow_kernels *kernels) {
    static double clock_hz;
    if (clock_hz <= 0) {
        clock_hz = core_clock_hz();
        printf("core clock %.2f GHz; L2 %zu KiB\n", clock_hz * 1e-9, second_cache_bytes() / 1024);
    }
    double peak = register_peak(operation->name, kernels->isa);
    if (peak > 0)
        printf("%s %s: peak from registers %.1f GMAC/s, %.1f MAC/cycle\n", operation->name, kernels->isa, peak * 1e-9,
               peak / clock_hz);
    return (struct bench_machine){clock_hz, peak};
}

void bench_shape(const struct operation *operation, const struct minnow_kernels *kernels, struct guard *guard,
                 struct shape shape) {
    struct bench_machine machine = meet_machine(operation, kernels);
    bench_on(operation, kernels, guard, shape, &machine);
}

void bench_operation(const struct operation *operation, const struct minnow_kernels *kernels, struct guard *guard) {
    struct bench_machine machine = meet_machine(operation, kernels);
    const struct shape *shape = operation->bench;
    if (!shape) shape = operation->dimensions == 3 ? products : rows;
    for (; shape->rows; shape++) bench_on(operation, kernels, guard, *shape, &machine);
}
