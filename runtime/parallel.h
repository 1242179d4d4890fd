/* The session's threads. Each runs the same program over its own part of the work ("lane"), and they wait for each
 * other only where one needs what another made. */
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

/* Call program(context, lane) once for each lane, all at the same time, and return when all have. Allocates nothing. */
typedef void minnow_program_fn(void *context, size_t lane);
void minnow_threads_run(struct minnow_threads *threads, minnow_program_fn *program, void *context);

/* Inside a program, by every lane: returns when all have come here, and what they wrote can be seen. */
void minnow_threads_wait(struct minnow_threads *threads);

/* A part of `count` items in whole units, the last of which may be short. */
struct minnow_range {
    size_t first, end;
};
struct minnow_range minnow_share(size_t count, size_t unit, size_t lane, size_t lanes);

#endif
