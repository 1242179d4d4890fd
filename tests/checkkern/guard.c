#include "tests/checkkern/guard.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD_SLOT_BYTES ((size_t)8 << 20)

enum { CANARY = 0xC5, CANARY_BYTES = 512, SPREAD_STEP = 320 };

bool guard_open(struct guard *guard) {
    memset(guard, 0, sizeof *guard);
    guard->page = (size_t)sysconf(_SC_PAGESIZE);
    size_t pitch = GUARD_SLOT_BYTES + guard->page;
    uint8_t *base =
        mmap(NULL, GUARD_SLOTS * pitch + guard->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) return false;
    for (size_t i = 0; i < GUARD_SLOTS; i++) {
        guard->slots[i].memory = base + i * pitch + guard->page;
        if (mprotect(guard->slots[i].memory, GUARD_SLOT_BYTES, PROT_READ | PROT_WRITE)) return false;
    }
    return true;
}

static void protect(const struct guard *guard, const struct slot *slot, int protection) {
    size_t first = (size_t)(slot->buffer - slot->memory) / guard->page * guard->page;
    size_t last = (size_t)(slot->buffer - slot->memory) + slot->bytes;
    last = (last + guard->page - 1) / guard->page * guard->page;
    if (last > first) mprotect(slot->memory + first, last - first, protection);
}

void guard_reset(struct guard *guard, enum placement placement) {
    for (size_t i = 0; i < guard->used; i++) {
        if (guard->slots[i].frozen) protect(guard, &guard->slots[i], PROT_READ | PROT_WRITE);
        guard->slots[i].frozen = false;
    }
    guard->used = 0;
    guard->placement = placement;
}

/* The canary lies on the side where there is no guard page. */
static uint8_t *canary_of(const struct guard *guard, const struct slot *slot) {
    return guard->placement == PLACEMENT_END ? slot->buffer - CANARY_BYTES : slot->buffer + slot->bytes;
}

void *guard_take(struct guard *guard, size_t bytes) {
    if (guard->used == GUARD_SLOTS || bytes > GUARD_SLOT_BYTES / 2) return NULL;
    struct slot *slot = &guard->slots[guard->used];
    size_t at = guard->placement == PLACEMENT_END      ? GUARD_SLOT_BYTES - bytes
                : guard->placement == PLACEMENT_SPREAD ? guard->used * SPREAD_STEP
                                                       : 0;
    guard->used++;
    slot->buffer = slot->memory + at;
    slot->bytes = bytes;
    memset(slot->buffer, CANARY, bytes);
    memset(canary_of(guard, slot), CANARY, CANARY_BYTES);
    return slot->buffer;
}

void guard_freeze(struct guard *guard) {
    for (size_t i = 0; i < guard->used; i++) {
        guard->slots[i].frozen = true;
        protect(guard, &guard->slots[i], PROT_READ);
    }
}

bool guard_intact(const struct guard *guard) {
    for (size_t i = 0; i < guard->used; i++) {
        const uint8_t *canary = canary_of(guard, &guard->slots[i]);
        for (size_t b = 0; b < CANARY_BYTES; b++)
            if (canary[b] != CANARY) return false;
    }
    return true;
}

/* How far an address is from a buffer: 0 inside. */
static size_t distance(const struct slot *slot, uintptr_t address) {
    uintptr_t first = (uintptr_t)slot->buffer, last = first + slot->bytes;
    if (address < first) return first - address;
    return address < last ? 0 : address - last + 1;
}

void guard_describe(const struct guard *guard, const void *address, char *text, size_t size) {
    uintptr_t at = (uintptr_t)address;
    size_t nearest = 0;
    for (size_t i = 1; i < guard->used; i++)
        if (distance(&guard->slots[i], at) < distance(&guard->slots[nearest], at)) nearest = i;
    const struct slot *slot = &guard->slots[nearest];
    size_t away = distance(slot, at);
    if (guard->used == 0 || away > GUARD_SLOT_BYTES)
        snprintf(text, size, "at %p", address);
    else if (away == 0)
        snprintf(text, size, "a write to input %zu", nearest);
    else if (at < (uintptr_t)slot->buffer)
        snprintf(text, size, "%zu bytes before buffer %zu", away, nearest);
    else
        snprintf(text, size, "byte %zu past the end of buffer %zu", away, nearest);
}
