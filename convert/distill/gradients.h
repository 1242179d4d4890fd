/* The gradients that one worker sums up: contents of the network's shape, whose weights are gradients. */
#ifndef MINNOW_GRADIENTS_H
#define MINNOW_GRADIENTS_H

#include "convert/distill/network.h"

/* Rows of a table that have a gradient: all others are 0. */
struct minnow_touched {
    uint32_t *rows; /* [count], in the order of their first token */
    uint8_t *marks; /* [rows of the table]: 1 for those in the list */
    size_t count;
};

struct minnow_gradients {
    struct minnow_shape shape;
    const struct minnow_network *network;
    float **values;                 /* by parameter */
    struct minnow_touched *touched; /* by parameter; rows is NULL for what is no table */
};

/* All 0. The network itself moves later only in its values. */
enum minnow_status minnow_gradients_create(const struct minnow_network *network, struct minnow_memory *memory,
                                           struct minnow_gradients *gradients, struct minnow_error *error);

/* Of the table whose gradients these are. */
struct minnow_touched *minnow_gradients_touched(const struct minnow_gradients *gradients, const float *table);

static inline void minnow_touch(struct minnow_touched *touched, uint32_t row) {
    if (touched->marks[row]) return;
    touched->marks[row] = 1;
    touched->rows[touched->count++] = row;
}

#endif
