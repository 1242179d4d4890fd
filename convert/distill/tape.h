/* Memory that grows like a stack: the pass forward pushes what the pass back reads, and releases it in reverse. What it
 * once took it keeps, so that after the first steps of a training run nothing is allocated. */
#ifndef MINNOW_TAPE_H
#define MINNOW_TAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { MINNOW_TAPE_BLOCKS = 48 };

/* All zeros is an empty tape. */
struct minnow_tape {
    struct {
        char *bytes;
        size_t size;
    } blocks[MINNOW_TAPE_BLOCKS];
    size_t block_count, block, used; /* the next push goes into `block`, behind `used` bytes */
};

struct minnow_tape_mark {
    size_t block, used;
};

/* 64-byte aligned, with room up to the next multiple of 64 bytes, not cleared; NULL: out of memory. */
void *minnow_tape_push(struct minnow_tape *tape, size_t bytes);
/* `count` floats. */
float *minnow_tape_floats(struct minnow_tape *tape, size_t count);
/* The same, all of them 0. */
float *minnow_tape_zeros(struct minnow_tape *tape, size_t count);

struct minnow_tape_mark minnow_tape_now(const struct minnow_tape *tape);
/* Everything pushed since then is gone. */
void minnow_tape_release(struct minnow_tape *tape, struct minnow_tape_mark mark);
/* Everything is gone; the next pushes find one block for as much as there was. */
void minnow_tape_clear(struct minnow_tape *tape);
void minnow_tape_free(struct minnow_tape *tape);

#endif
