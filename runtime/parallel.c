#include "runtime/parallel.h"

#include <cpuinfo.h>
#include <pthreadpool.h>
#include <stdatomic.h>
#include <stdlib.h>

struct minnow_threads {
    pthreadpool_t pool;
    uint32_t count;
};

uint32_t minnow_threads_capped(uint32_t wanted) {
    uint32_t cores = cpuinfo_initialize() ? cpuinfo_get_cores_count() : 1;
    if (cores == 0) cores = 1;
    if (wanted == 0) wanted = 1;
    return wanted < cores ? wanted : cores;
}

struct minnow_threads *minnow_threads_create(uint32_t count) {
    struct minnow_threads *threads = calloc(1, sizeof *threads);
    if (!threads) return NULL;
    threads->count = count;
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

struct job {
    minnow_work_fn *work;
    void *context;
    size_t items;
    atomic_size_t next;
};

/* Lanes take the next item when they are free: texts differ in length, cores in speed. */
static void run_lane(void *context, size_t lane) {
    struct job *job = context;
    for (size_t item; (item = atomic_fetch_add(&job->next, 1)) < job->items;) job->work(job->context, lane, item);
}

void minnow_parallel(struct minnow_threads *threads, size_t items, minnow_work_fn *work, void *context) {
    size_t lanes = minnow_threads_count(threads);
    if (lanes == 1 || items <= 1) {
        for (size_t item = 0; item < items; item++) work(context, 0, item);
        return;
    }
    struct job job = {.work = work, .context = context, .items = items};
    atomic_init(&job.next, 0);
    pthreadpool_parallelize_1d(threads->pool, run_lane, &job, lanes, 0);
}
