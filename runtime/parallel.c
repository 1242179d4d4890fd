#include "runtime/parallel.h"

#include <cpuinfo.h>
#include <pthreadpool.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Waits are shorter than a wake-up by the kernel would take. A lane that lost its core makes the others give way. */
enum { SPINS_BEFORE_YIELD = 4096 };

struct minnow_threads {
    pthreadpool_t pool;
    uint32_t count;
    _Alignas(64) atomic_uint arrived;
    _Alignas(64) atomic_uint round;
};

uint32_t minnow_threads_capped(uint32_t wanted) {
    uint32_t cores = cpuinfo_initialize() ? cpuinfo_get_cores_count() : 1;
    if (cores == 0) cores = 1;
    if (wanted == 0) wanted = 1;
    return wanted < cores ? wanted : cores;
}

struct minnow_threads *minnow_threads_create(uint32_t count) {
    struct minnow_threads *threads = aligned_alloc(64, sizeof *threads);
    if (!threads) return NULL;
    threads->count = count;
    atomic_init(&threads->arrived, 0);
    atomic_init(&threads->round, 0);
    threads->pool = pthreadpool_create(count);
    if (threads->pool) return threads;
    free(threads);
    return NULL;
}

void minnow_threads_close(struct minnow_threads *threads) {
    if (!threads) return;
    pthreadpool_destroy(threads->pool);
    free(threads);
}

uint32_t minnow_threads_count(const struct minnow_threads *threads) { return threads ? threads->count : 1; }

struct pthreadpool *minnow_threads_pool(struct minnow_threads *threads) { return threads ? threads->pool : NULL; }

/* One item a thread: a thread that waits inside its item cannot take another's. */
void minnow_threads_run(struct minnow_threads *threads, minnow_program_fn *program, void *context) {
    if (threads)
        pthreadpool_parallelize_1d(threads->pool, program, context, threads->count, 0);
    else
        program(context, 0);
}

/* Tells the core that it spins. */
#if defined(__x86_64__)
static void relax(void) { __builtin_ia32_pause(); }
#elif defined(__aarch64__)
static void relax(void) { __asm__ volatile("yield"); }
#else
static void relax(void) {}
#endif

void minnow_threads_wait(struct minnow_threads *threads) {
    if (!threads) return;
    unsigned round = atomic_load_explicit(&threads->round, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&threads->arrived, 1, memory_order_acq_rel) + 1 == threads->count) {
        atomic_store_explicit(&threads->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&threads->round, round + 1, memory_order_release);
        return;
    }
    for (unsigned spins = 1; atomic_load_explicit(&threads->round, memory_order_acquire) == round; spins++) {
        if (spins % SPINS_BEFORE_YIELD == 0)
            sched_yield();
        else
            relax();
    }
}

struct minnow_range minnow_share(size_t count, size_t unit, size_t lane, size_t lanes) {
    size_t units = (count + unit - 1) / unit, first = units * lane / lanes * unit;
    size_t end = units * (lane + 1) / lanes * unit;
    return (struct minnow_range){first < count ? first : count, end < count ? end : count};
}
