/* Parts of the scratch that a layer lays out for itself, one behind the other. */
#ifndef MINNOW_SCRATCH_H
#define MINNOW_SCRATCH_H

#include <stddef.h>

/* 64-byte aligned, as `base` is; with base NULL it only measures. */
static inline void *minnow_scratch_take(char *base, size_t *used, size_t bytes) {
    enum { ALIGNMENT = 64 };
    void *part = base ? base + *used : NULL;
    *used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return part;
}

#endif
