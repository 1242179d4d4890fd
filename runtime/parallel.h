/* Work items over the session's threads. */
#ifndef MINNOW_PARALLEL_H
#define MINNOW_PARALLEL_H

#include <stddef.h>
#include <stdint.h>

struct minnow_threads; /* NULL: the caller's thread alone */

/* Never more than the physical cores: threads beyond them only wait for each other. */
uint32_t minnow_threads_capped(uint32_t wanted);
struct minnow_threads *minnow_threads_create(uint32_t count); /* NULL: out of memory */
void minnow_threads_close(struct minnow_threads *threads);
uint32_t minnow_threads_count(const struct minnow_threads *threads);
/* The pthreadpool behind it, for libraries that take one. */
struct pthreadpool *minnow_threads_pool(struct minnow_threads *threads);

/* Call work(context, lane, item) once for each item in [0, items), in any order. A lane runs one
 * item at a time and is below the thread count, so it can own scratch memory. Allocates nothing. */
typedef void minnow_work_fn(void *context, size_t lane, size_t item);
void minnow_parallel(struct minnow_threads *threads, size_t items, minnow_work_fn *work, void *context);

#endif
