/* Memory for what a file's own text makes its reader allocate: small pieces cheaply, and never more than allowed. */
#ifndef MINNOW_POOL_H
#define MINNOW_POOL_H

#include "convert/memory.h"
#include "runtime/error.h"

/* What is left of a limit, in bytes; several pools may share one. */
struct minnow_allowance {
    size_t left;
};

struct minnow_pool {
    struct minnow_memory *memory; /* where the pieces live and with which they end */
    struct minnow_allowance *allowance;
    char *free; /* the rest of the last chunk */
    size_t free_size;
    bool exceeded; /* a piece was refused because of the allowance */
};

/* Zeroed, 8-byte aligned. NULL: beyond the allowance, or out of memory. */
void *minnow_pool_take(struct minnow_pool *pool, size_t size);
/* Take `size` bytes off an allowance that somebody else allocates; false: there are not so many left. */
bool minnow_allowance_charge(struct minnow_allowance *allowance, size_t size);

/* Why minnow_pool_take gave NULL. */
enum minnow_status minnow_pool_fail(const struct minnow_pool *pool, struct minnow_error *error);

#endif
