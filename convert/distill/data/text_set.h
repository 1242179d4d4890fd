/* Different texts, each once, numbered in the order they came. */
#ifndef MINNOW_TEXT_SET_H
#define MINNOW_TEXT_SET_H

#include "runtime/error.h"

#define MINNOW_NO_TEXT UINT32_MAX

/* Zero it to begin. */
struct minnow_text_set {
    char *bytes; /* of all texts, one behind the other */
    size_t *ends;
    uint32_t *slots; /* open addressing: number + 1, or 0 */
    size_t used, room, slot_count;
    uint32_t count, capacity;
};

/* The number of a text, which is added if it is new (then number is the count before). */
enum minnow_status minnow_text_set_add(struct minnow_text_set *set, struct minnow_text text, uint32_t *number,
                                       struct minnow_error *error);
uint32_t minnow_text_set_find(const struct minnow_text_set *set, struct minnow_text text); /* or MINNOW_NO_TEXT */
/* Borrowed until the next text is added. */
struct minnow_text minnow_text_set_get(const struct minnow_text_set *set, uint32_t number);
void minnow_text_set_free(struct minnow_text_set *set); /* and zeroes it */

#endif
