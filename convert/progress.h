/* How long work reports where it is; the caller draws it. */
#ifndef MINNOW_PROGRESS_H
#define MINNOW_PROGRESS_H

#include <stdint.h>

struct minnow_progress {
    /* May be NULL. done <= total; stage is a short present participle ("encoding documents"). */
    void (*report)(void *context, const char *stage, uint64_t done, uint64_t total);
    void *context;
};

#endif
