/* Neighbouring symbols in words: how often each pair comes, in which words, and which comes most. */
#ifndef MINNOW_PAIR_TABLE_H
#define MINNOW_PAIR_TABLE_H

#include "runtime/error.h"

struct minnow_symbol_pair {
    uint32_t left, right;
    int64_t count;
    uint32_t *words; /* that hold it, or held it once; owned by the table */
    uint32_t word_count, word_capacity;
};

struct minnow_pair_entry {
    int64_t count;
    uint32_t pair;
};

/* Zero it to begin. */
struct minnow_pair_table {
    struct minnow_symbol_pair *pairs;
    uint32_t count, capacity;
    uint32_t *slots; /* number + 1, or 0 */
    size_t slot_count;
    struct minnow_pair_entry *heap; /* counts at the time they were offered */
    size_t heap_count, heap_capacity;
};

/* `count` more (or fewer, below 0) of the pair, in this word; a new pair is made. *number: in `pairs`. */
enum minnow_status minnow_pair_table_add(struct minnow_pair_table *table, uint32_t left, uint32_t right, int64_t count,
                                         uint32_t word, uint32_t *number, struct minnow_error *error);
/* Let take_best see the pair as it is now; needed after its count grew. */
enum minnow_status minnow_pair_table_offer(struct minnow_pair_table *table, uint32_t number,
                                           struct minnow_error *error);
/* The pair with the highest count above 0, the lower symbols where two are equal; false: there is none. */
bool minnow_pair_table_take_best(struct minnow_pair_table *table, uint32_t *number);
void minnow_pair_table_free(struct minnow_pair_table *table);

#endif
