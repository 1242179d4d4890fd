/* The way of many texts (or pairs of them) through one route: gathered into passes, divided among lanes. */
#ifndef MINNOW_WORK_H
#define MINNOW_WORK_H

#include "runtime/session.h"

struct minnow_work {
    struct minnow_session *session;
    const struct minnow_route *route;
    size_t count; /* of items */
    void *context;
    /* Write the item's tokens into the lane's ids, positions and types from `at` on, where there is room for two longest
     * texts; returns its span, without `first`. Of rows that `load` brings only their number matters. */
    struct minnow_span (*take)(void *context, size_t item, struct minnow_lane *lane, size_t at);
    /* Where the first layer is no embedding: rows pass->mine of pass->rows, and pass->width. NULL otherwise. */
    void (*load)(void *context, struct minnow_pass *pass);
    /* The items pass->shared->texts[0 .. text_count) have come through: their rows are pass->rows, one for each or those
     * of their spans. Called by any lane, for different items at the same time. */
    void (*store)(void *context, const struct minnow_pass *pass);
};

/* Returns when all items are stored. Allocates nothing. */
void minnow_work_run(const struct minnow_work *work);

#endif
