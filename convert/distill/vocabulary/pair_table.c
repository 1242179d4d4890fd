#include "convert/distill/vocabulary/pair_table.h"

#include <stdlib.h>

static size_t find_slot(const struct minnow_pair_table *table, uint32_t left, uint32_t right) {
    uint64_t hash = ((uint64_t)left << 32 | right) * 0x9E3779B97F4A7C15u;
    size_t slot = (size_t)(hash >> 20) & (table->slot_count - 1);
    for (; table->slots[slot]; slot = (slot + 1) & (table->slot_count - 1)) {
        const struct minnow_symbol_pair *pair = &table->pairs[table->slots[slot] - 1];
        if (pair->left == left && pair->right == right) break;
    }
    return slot;
}

static bool grow_slots(struct minnow_pair_table *table) {
    size_t slot_count = table->slot_count ? table->slot_count * 2 : 4096;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (!slots) return false;
    free(table->slots);
    table->slots = slots;
    table->slot_count = slot_count;
    for (uint32_t i = 0; i < table->count; i++)
        slots[find_slot(table, table->pairs[i].left, table->pairs[i].right)] = i + 1;
    return true;
}

static bool grow_pairs(struct minnow_pair_table *table) {
    uint32_t capacity = table->capacity ? table->capacity * 2 : 2048;
    struct minnow_symbol_pair *pairs = realloc(table->pairs, capacity * sizeof *pairs);
    if (!pairs) return false;
    table->pairs = pairs;
    table->capacity = capacity;
    return true;
}

static bool add_word(struct minnow_symbol_pair *pair, uint32_t word) {
    if (pair->word_count && pair->words[pair->word_count - 1] == word) return true;
    if (pair->word_count == pair->word_capacity) {
        uint32_t capacity = pair->word_capacity ? pair->word_capacity * 2 : 4;
        uint32_t *words = realloc(pair->words, capacity * sizeof *words);
        if (!words) return false;
        pair->words = words;
        pair->word_capacity = capacity;
    }
    pair->words[pair->word_count++] = word;
    return true;
}

enum minnow_status minnow_pair_table_add(struct minnow_pair_table *table, uint32_t left, uint32_t right, int64_t count,
                                         uint32_t word, uint32_t *number, struct minnow_error *error) {
    bool has_room = ((size_t)table->count * 2 < table->slot_count || grow_slots(table)) &&
                    (table->count < table->capacity || grow_pairs(table));
    if (!has_room) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u pairs of symbols", table->count);
    size_t slot = find_slot(table, left, right);
    if (!table->slots[slot]) {
        table->pairs[table->count++] = (struct minnow_symbol_pair){.left = left, .right = right};
        table->slots[slot] = table->count;
    }
    *number = table->slots[slot] - 1;
    table->pairs[*number].count += count;
    if (count < 0 || add_word(&table->pairs[*number], word)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u pairs of symbols", table->count);
}

/* ---- The heap --------------------------------------------------------------------------------- */

static bool comes_before(const struct minnow_pair_table *table, struct minnow_pair_entry a,
                         struct minnow_pair_entry b) {
    const struct minnow_symbol_pair *x = &table->pairs[a.pair], *y = &table->pairs[b.pair];
    if (a.count != b.count) return a.count > b.count;
    return x->left != y->left ? x->left < y->left : x->right < y->right;
}

static void sink(struct minnow_pair_table *table) {
    struct minnow_pair_entry *heap = table->heap, moved = heap[0];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < table->heap_count; at = child) {
        if (child + 1 < table->heap_count && comes_before(table, heap[child + 1], heap[child])) child++;
        if (!comes_before(table, heap[child], moved)) break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

enum minnow_status minnow_pair_table_offer(struct minnow_pair_table *table, uint32_t number,
                                           struct minnow_error *error) {
    struct minnow_pair_entry entry = {table->pairs[number].count, number};
    if (table->heap_count == table->heap_capacity) {
        size_t capacity = table->heap_capacity ? table->heap_capacity * 2 : 2048;
        struct minnow_pair_entry *heap = realloc(table->heap, capacity * sizeof *heap);
        if (!heap) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%u pairs of symbols", table->count);
        table->heap = heap;
        table->heap_capacity = capacity;
    }
    size_t at = table->heap_count++;
    for (; at && comes_before(table, entry, table->heap[(at - 1) / 2]); at = (at - 1) / 2)
        table->heap[at] = table->heap[(at - 1) / 2];
    table->heap[at] = entry;
    return MINNOW_OK;
}

/* An entry whose pair has become rarer since goes back to where it belongs now. */
bool minnow_pair_table_take_best(struct minnow_pair_table *table, uint32_t *number) {
    while (table->heap_count) {
        struct minnow_pair_entry *top = &table->heap[0];
        int64_t count = table->pairs[top->pair].count;
        bool is_current = top->count == count && count > 0;
        *number = top->pair;
        top->count = count;
        if (is_current || count <= 0) *top = table->heap[--table->heap_count];
        if (table->heap_count) sink(table);
        if (is_current) return true;
    }
    return false;
}

void minnow_pair_table_free(struct minnow_pair_table *table) {
    for (uint32_t i = 0; i < table->count; i++) free(table->pairs[i].words);
    free(table->pairs);
    free(table->slots);
    free(table->heap);
    *table = (struct minnow_pair_table){0};
}
