/* Fewer misses of the address cache. Only advice: it may fail, and changes nothing but time. */
#ifndef MINNOW_HUGE_PAGES_H
#define MINNOW_HUGE_PAGES_H

#include <stddef.h>

#if defined(__linux__)
#include <sys/mman.h>
static inline void minnow_ask_for_huge_pages(void *memory, size_t bytes) { madvise(memory, bytes, MADV_HUGEPAGE); }
#else
static inline void minnow_ask_for_huge_pages(void *memory, size_t bytes) { (void)memory, (void)bytes; }
#endif

#endif
