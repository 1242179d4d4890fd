#include "convert/distill/tape.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, SMALLEST_BLOCK = 1 << 16 };

static bool add_block(struct minnow_tape *tape, size_t size) {
    if (tape->block_count == MINNOW_TAPE_BLOCKS) return false;
    char *bytes = aligned_alloc(ALIGNMENT, size);
    if (!bytes) return false;
    tape->blocks[tape->block_count].bytes = bytes;
    tape->blocks[tape->block_count++].size = size;
    return true;
}

/* The block with room for `size` more bytes; each new one is at least as large as all before it. */
static bool find_room(struct minnow_tape *tape, size_t size) {
    size_t total = SMALLEST_BLOCK;
    for (size_t i = 0; i < tape->block_count; i++) total += tape->blocks[i].size;
    while (tape->block < tape->block_count && size > tape->blocks[tape->block].size - tape->used) {
        tape->block++;
        tape->used = 0;
    }
    return tape->block < tape->block_count || add_block(tape, size > total ? size : total);
}

void *minnow_tape_push(struct minnow_tape *tape, size_t bytes) {
    if (bytes > SIZE_MAX / 2) return NULL;
    size_t size = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT; /* never 0 */
    if (!find_room(tape, size)) return NULL;
    void *room = tape->blocks[tape->block].bytes + tape->used;
    tape->used += size;
    return room;
}

float *minnow_tape_floats(struct minnow_tape *tape, size_t count) {
    return count > SIZE_MAX / 8 ? NULL : minnow_tape_push(tape, count * sizeof(float));
}

float *minnow_tape_zeros(struct minnow_tape *tape, size_t count) {
    float *zeros = minnow_tape_floats(tape, count);
    if (zeros) memset(zeros, 0, count * sizeof *zeros);
    return zeros;
}

struct minnow_tape_mark minnow_tape_now(const struct minnow_tape *tape) {
    return (struct minnow_tape_mark){tape->block, tape->used};
}

void minnow_tape_release(struct minnow_tape *tape, struct minnow_tape_mark mark) {
    tape->block = mark.block;
    tape->used = mark.used;
}

void minnow_tape_clear(struct minnow_tape *tape) {
    size_t total = 0, count = tape->block_count;
    for (size_t i = 0; i < count; i++) total += tape->blocks[i].size;
    if (count > 1) {
        minnow_tape_free(tape);
        add_block(tape, total); /* where it fails, pushes will try again */
    }
    tape->block = tape->used = 0;
}

void minnow_tape_free(struct minnow_tape *tape) {
    for (size_t i = 0; i < tape->block_count; i++) free(tape->blocks[i].bytes);
    *tape = (struct minnow_tape){0};
}
