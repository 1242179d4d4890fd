/* A bar on standard error, drawn only where that is a terminal. */
#ifndef MINNOW_CLI_PROGRESS_H
#define MINNOW_CLI_PROGRESS_H

#include "convert/progress.h"

#include <stdbool.h>

struct minnow_bar {
    bool enabled, drawn;
    const char *stage;
    double started, drawn_at;
};

/* The returned struct's context is `bar`. */
struct minnow_progress minnow_bar_begin(struct minnow_bar *bar);
/* Draw; total 0 shows the count alone. */
void minnow_bar_show(struct minnow_bar *bar, const char *stage, uint64_t done, uint64_t total);
/* Take the bar from the screen: before any other line, and at the end. */
void minnow_bar_end(struct minnow_bar *bar);

#endif
