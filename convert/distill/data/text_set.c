#include "convert/distill/data/text_set.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_text(struct minnow_text text) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < text.size; i++) hash = (hash ^ (uint8_t)text.bytes[i]) * 1099511628211u;
    return hash ^ (hash >> 32);
}

struct minnow_text minnow_text_set_get(const struct minnow_text_set *set, uint32_t number) {
    size_t begin = number ? set->ends[number - 1] : 0;
    return (struct minnow_text){set->bytes + begin, set->ends[number] - begin};
}

/* The slot of the text, or the empty one where it belongs; there is one. */
static size_t find_slot(const struct minnow_text_set *set, struct minnow_text text) {
    size_t slot = hash_text(text) & (set->slot_count - 1);
    for (; set->slots[slot]; slot = (slot + 1) & (set->slot_count - 1)) {
        struct minnow_text there = minnow_text_set_get(set, set->slots[slot] - 1);
        if (there.size == text.size && memcmp(there.bytes, text.bytes, text.size) == 0) break;
    }
    return slot;
}

uint32_t minnow_text_set_find(const struct minnow_text_set *set, struct minnow_text text) {
    uint32_t found = set->slot_count ? set->slots[find_slot(set, text)] : 0;
    return found ? found - 1 : MINNOW_NO_TEXT;
}

static bool grow_slots(struct minnow_text_set *set) {
    size_t slot_count = set->slot_count ? set->slot_count * 2 : 64;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (!slots) return false;
    free(set->slots);
    set->slots = slots;
    set->slot_count = slot_count;
    for (uint32_t i = 0; i < set->count; i++) slots[find_slot(set, minnow_text_set_get(set, i))] = i + 1;
    return true;
}

static bool grow_texts(struct minnow_text_set *set) {
    uint32_t capacity = set->capacity ? set->capacity * 2 : 64;
    size_t *ends = realloc(set->ends, capacity * sizeof *ends);
    if (!ends) return false;
    set->ends = ends;
    set->capacity = capacity;
    return true;
}

static bool grow_bytes(struct minnow_text_set *set, size_t size) {
    size_t room = set->room ? set->room : 1024;
    while (room - set->used < size && room < SIZE_MAX / 2) room *= 2;
    char *bytes = realloc(set->bytes, room);
    if (!bytes) return false;
    set->bytes = bytes;
    set->room = room;
    return room - set->used >= size;
}

static bool make_room(struct minnow_text_set *set, size_t size) {
    if (set->count >= UINT32_MAX / 2) return false;
    return ((size_t)set->count * 2 < set->slot_count || grow_slots(set)) &&
           (set->count < set->capacity || grow_texts(set)) &&
           ((set->bytes && set->room - set->used >= size) || grow_bytes(set, size));
}

enum minnow_status minnow_text_set_add(struct minnow_text_set *set, struct minnow_text text, uint32_t *number,
                                       struct minnow_error *error) {
    *number = minnow_text_set_find(set, text);
    if (*number != MINNOW_NO_TEXT) return MINNOW_OK;
    if (!make_room(set, text.size))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u texts of %zu bytes", set->count, set->used);
    size_t slot = find_slot(set, text);
    if (text.size) memcpy(set->bytes + set->used, text.bytes, text.size);
    set->used += text.size;
    set->ends[set->count] = set->used;
    *number = set->count++;
    set->slots[slot] = set->count;
    return MINNOW_OK;
}

void minnow_text_set_free(struct minnow_text_set *set) {
    free(set->bytes);
    free(set->ends);
    free(set->slots);
    *set = (struct minnow_text_set){0};
}
