/* Buffers that begin or end at a page which cannot be touched, and signals turned into results. */
#ifndef CHECKKERN_GUARD_H
#define CHECKKERN_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUARD_SLOTS = 20 };

enum placement {
    PLACEMENT_END,    /* the buffer ends where the guard page begins */
    PLACEMENT_START,  /* it begins where the guard page ends */
    PLACEMENT_SPREAD, /* it begins at a cache line, each slot at another distance: for timing */
    PLACEMENT_COUNT
};

struct slot {
    uint8_t *memory; /* GUARD_SLOT_BYTES between two guard pages */
    uint8_t *buffer;
    size_t bytes;
    bool frozen;
};

struct guard {
    struct slot slots[GUARD_SLOTS];
    size_t used;
    size_t page;
    enum placement placement;
};

bool guard_open(struct guard *guard);
/* Give all buffers back. */
void guard_reset(struct guard *guard, enum placement placement);
/* NULL when the slots are used up or too small. */
void *guard_take(struct guard *guard, size_t bytes);
/* Everything taken so far becomes read-only. */
void guard_freeze(struct guard *guard);
/* Are the bytes on the open side of every buffer untouched? */
bool guard_intact(const struct guard *guard);
/* Where an address lies, in words. */
void guard_describe(const struct guard *guard, const void *address, char *text, size_t size);

/* The signal that stopped the function (and the address), or 0. */
struct fault {
    int signal;
    const void *address;
};
struct fault run_caught(void (*function)(void *context), void *context);

#endif
