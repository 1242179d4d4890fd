/* Measured peaks of this machine, as one JSON object:
 * {"threads": 1, "gmac_s": {"int8_avx2": ...}, "gb_s": {"512": ...}}.
 *
 * Usage: peak [THREADS]
 * gmac_s: 10^9 multiply-adds a second; gb_s: 10^9 bytes a second, by the kilobytes read again and again. Each thread
 * has its own core and its own memory; they start each run together and their rates are added. The best of many short
 * runs is taken. */
#include "bench/peak/peak.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { MOST_THREADS = 256, RUNS = 100, HUGE_PAGE = 2 << 20 };
static const double least_s = 0.002; /* of one run */
static const size_t sizes_kb[] = {32, 512, 11 << 10, 384 << 10};

/* What one thread measures: `peak`, or else `reader` over `bytes`. */
struct job {
    const struct peak *peak;
    const struct peak_reader *reader;
    void *bytes;
    size_t size;
    size_t cpu;
    pthread_barrier_t *barrier;
    double rates[RUNS]; /* operations or bytes a second */
};

static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double run_once(const struct job *job, long rounds) {
    if (job->peak) return job->peak->run(rounds);
    for (long round = 0; round < rounds; round++) job->reader->read(job->bytes, job->size);
    return (double)rounds * (double)job->size;
}

static long rounds_enough(const struct job *job) {
    for (long rounds = 1;; rounds *= 2) {
        double started = now_s();
        run_once(job, rounds);
        if (now_s() - started > least_s) return rounds;
    }
}

/* The index-th CPU that this process may use; CPU_SETSIZE if there are not so many. */
static size_t allowed_cpu(int index) {
    cpu_set_t allowed;
    size_t cpu = 0;
    CPU_ZERO(&allowed);
    sched_getaffinity(0, sizeof allowed, &allowed);
    for (; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && index-- == 0) break;
    return cpu;
}

static void *work(void *context) {
    struct job *job = context;
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(job->cpu, &own);
    sched_setaffinity(0, sizeof own, &own);
    if (job->bytes) memset(job->bytes, 1, job->size); /* from this core, so that the pages are near it */
    long rounds = rounds_enough(job);
    for (int run = 0; run < RUNS; run++) {
        pthread_barrier_wait(job->barrier);
        double started = now_s(), done = run_once(job, rounds);
        job->rates[run] = done / (now_s() - started);
    }
    return NULL;
}

static bool prepare(struct job *job, int index, size_t size) {
    job->cpu = allowed_cpu(index);
    job->size = size;
    if (!size) return true;
    job->bytes = aligned_alloc(HUGE_PAGE, (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
    if (job->bytes) madvise(job->bytes, size, MADV_HUGEPAGE);
    return job->bytes;
}

/* Of the run that was fastest on all threads together. */
static double best_sum(const struct job *jobs, int threads) {
    double best = 0;
    for (int run = 0; run < RUNS; run++) {
        double sum = 0;
        for (int i = 0; i < threads; i++) sum += jobs[i].rates[run];
        if (sum > best) best = sum;
    }
    return best;
}

/* 0 when there is no memory. */
static double measure(int threads, const struct peak *peak, const struct peak_reader *reader, size_t size) {
    static struct job jobs[MOST_THREADS];
    pthread_t handles[MOST_THREADS];
    pthread_barrier_t barrier;
    bool ready = true;
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        jobs[i] = (struct job){.peak = peak, .reader = reader, .barrier = &barrier};
        ready = prepare(&jobs[i], i, size) && ready;
    }
    for (int i = 0; ready && i < threads; i++)
        if (pthread_create(&handles[i], NULL, work, &jobs[i])) exit(1);
    for (int i = 0; i < threads; i++) {
        if (ready) pthread_join(handles[i], NULL);
        free(jobs[i].bytes);
    }
    pthread_barrier_destroy(&barrier);
    return best_sum(jobs, threads);
}

static double best_reading(int threads, size_t size) {
    double best = 0;
    for (const struct peak_reader *reader = peak_readers; reader->name; reader++) {
        double rate = reader->present() ? measure(threads, NULL, reader, size) : 0;
        if (rate > best) best = rate;
    }
    return best;
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : 1;
    if (threads < 1 || threads > MOST_THREADS || allowed_cpu(threads - 1) == CPU_SETSIZE) {
        fprintf(stderr, "usage: peak [THREADS]      at most as many as there are CPUs\n");
        return 2;
    }
    const char *comma = "";
    printf("{\"threads\": %d, \"gmac_s\": {", threads);
    for (const struct peak *peak = peaks; peak->name; peak++) {
        if (!peak->present()) continue;
        printf("%s\"%s\": %.1f", comma, peak->name, measure(threads, peak, NULL, 0) / 1e9);
        comma = ", ";
    }
    printf("}, \"gb_s\": {");
    comma = "";
    for (size_t i = 0; i < sizeof sizes_kb / sizeof *sizes_kb; i++) {
        printf("%s\"%zu\": %.1f", comma, sizes_kb[i], best_reading(threads, sizes_kb[i] << 10) / 1e9);
        comma = ", ";
    }
    printf("}}\n");
    return 0;
}
