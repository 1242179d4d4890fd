/* The tokens of texts that take their steps together: first those of step 0 of all texts, then those of step 1 of all
 * that have one; in each step the longest texts come first. */
#ifndef MINNOW_TIME_ORDER_H
#define MINNOW_TIME_ORDER_H

#include "convert/distill/batch.h"
#include "convert/distill/tape.h"

struct minnow_time_order {
    uint32_t *rows;   /* [token_count]: a batch's row, in time's order */
    uint32_t *active; /* [steps + 1]: texts that take a step; the first ones of the step before */
    size_t steps;
};

/* `backward`: each text begins at its last token. False: out of memory. */
bool minnow_time_order(const struct minnow_batch *batch, bool backward, struct minnow_tape *tape,
                       struct minnow_time_order *order);

#endif
