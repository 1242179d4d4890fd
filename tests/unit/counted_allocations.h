/* Every allocation of the process is counted, those of its libraries too. Include it once in a program. */
#ifndef MINNOW_TESTS_COUNTED_ALLOCATIONS_H
#define MINNOW_TESTS_COUNTED_ALLOCATIONS_H

#include <stdatomic.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define COUNTING 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTING 0
#endif
#endif
#ifndef COUNTING
#define COUNTING 1
#endif

static atomic_size_t allocations;

#if COUNTING
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

/* Hidden, they would be seen by this program's own code alone. */
#define EVERYWHERE __attribute__((visibility("default")))

static void count_allocation(void) { atomic_fetch_add(&allocations, 1); }

EVERYWHERE void *malloc(size_t size) { return count_allocation(), __libc_malloc(size); }
EVERYWHERE void *calloc(size_t count, size_t size) { return count_allocation(), __libc_calloc(count, size); }
EVERYWHERE void *realloc(void *old, size_t size) { return count_allocation(), __libc_realloc(old, size); }
EVERYWHERE void *aligned_alloc(size_t alignment, size_t size) {
    return count_allocation(), __libc_memalign(alignment, size);
}

EVERYWHERE int posix_memalign(void **out, size_t alignment, size_t size) {
    count_allocation();
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : 12;
}
#endif

#endif
