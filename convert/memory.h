/* Many allocations that end together. Offline side only. */
#ifndef MINNOW_MEMORY_H
#define MINNOW_MEMORY_H

#include <stddef.h>

struct minnow_memory;

struct minnow_memory *minnow_memory_create(void); /* NULL: out of memory */
/* Zeroed, 64-byte aligned, valid until the whole is freed; NULL: out of memory. size 0 gives a valid pointer. */
void *minnow_memory_take(struct minnow_memory *memory, size_t size);
char *minnow_memory_copy_text(struct minnow_memory *memory, const char *bytes, size_t size); /* adds the 0 */
void minnow_memory_free(struct minnow_memory *memory); /* NULL is allowed */

#endif
