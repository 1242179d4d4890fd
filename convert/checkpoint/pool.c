#include "convert/checkpoint/pool.h"

#include <stdint.h>

enum {
    OVERHEAD = 128, /* of a block of minnow_memory: its link and what alignment adds */
    CHUNK = 8192,
    SMALL = 1024, /* larger pieces are blocks of their own */
};

bool minnow_allowance_charge(struct minnow_allowance *allowance, size_t size) {
    if (size > allowance->left) return false;
    allowance->left -= size;
    return true;
}

static void *take_block(struct minnow_pool *pool, size_t size) {
    if (size > SIZE_MAX - OVERHEAD || !minnow_allowance_charge(pool->allowance, size + OVERHEAD)) {
        pool->exceeded = true;
        return NULL;
    }
    return minnow_memory_take(pool->memory, size);
}

static void *take_small(struct minnow_pool *pool, size_t size) {
    size_t whole = size ? (size + 7) & ~(size_t)7 : 8; /* of nothing, too, there is a pointer */
    if (whole > pool->free_size) {
        pool->free = take_block(pool, CHUNK);
        pool->free_size = pool->free ? CHUNK : 0;
        if (!pool->free) return NULL;
    }
    void *piece = pool->free;
    pool->free += whole;
    pool->free_size -= whole;
    return piece;
}

void *minnow_pool_take(struct minnow_pool *pool, size_t size) {
    return size <= SMALL ? take_small(pool, size) : take_block(pool, size);
}

enum minnow_status minnow_pool_fail(const struct minnow_pool *pool, struct minnow_error *error) {
    if (!pool->exceeded) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "no memory for what it holds");
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "needs more memory than twice the file's size, expected weights that are no larger than their "
                       "file (is it made to exhaust memory?)");
}
