#include "convert/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

struct block {
    struct block *next;
};

struct minnow_memory {
    struct block *blocks;
};

struct minnow_memory *minnow_memory_create(void) { return calloc(1, sizeof(struct minnow_memory)); }

void *minnow_memory_take(struct minnow_memory *memory, size_t size) {
    if (size > SIZE_MAX / 2) return NULL;
    size_t whole = ALIGNMENT + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct block *block = aligned_alloc(ALIGNMENT, whole);
    if (!block) return NULL;
    memset(block, 0, whole);
    block->next = memory->blocks;
    memory->blocks = block;
    return (char *)block + ALIGNMENT;
}

char *minnow_memory_copy_text(struct minnow_memory *memory, const char *bytes, size_t size) {
    char *copy = minnow_memory_take(memory, size + 1);
    if (copy && size) memcpy(copy, bytes, size);
    return copy;
}

void minnow_memory_free(struct minnow_memory *memory) {
    if (!memory) return;
    for (struct block *block = memory->blocks; block;) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(memory);
}
