#include "platforms/cli/progress.h"

#include "platforms/cli/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR_CELLS = 24 };
static const double redraw_ms = 100;

static void report(void *context, const char *stage, uint64_t done, uint64_t total) {
    minnow_bar_show(context, stage, done, total);
}

struct minnow_progress minnow_bar_begin(struct minnow_bar *bar) {
    *bar = (struct minnow_bar){.enabled = isatty(STDERR_FILENO) == 1};
    return (struct minnow_progress){report, bar};
}

static void draw_time_left(double elapsed_ms, double share) {
    double seconds = elapsed_ms / 1e3 / share * (1 - share);
    if (elapsed_ms < 1000 || share < 0.01) return;
    if (seconds >= 3600)
        fprintf(stderr, " %d:%02d h left", (int)(seconds / 3600), (int)(seconds / 60) % 60);
    else
        fprintf(stderr, " %d:%02d left", (int)seconds / 60, (int)seconds % 60);
}

static void draw_bar(double elapsed_ms, double share) {
    char cells[BAR_CELLS + 1];
    size_t full = (size_t)(share * BAR_CELLS);
    memset(cells, '#', full);
    memset(cells + full, '.', BAR_CELLS - full);
    cells[BAR_CELLS] = 0;
    fprintf(stderr, " [%s] %3.0f%%", cells, share * 100);
    draw_time_left(elapsed_ms, share);
}

void minnow_bar_show(struct minnow_bar *bar, const char *stage, uint64_t done, uint64_t total) {
    if (!bar->enabled) return;
    double now = minnow_clock_ms();
    if (!bar->stage || strcmp(stage, bar->stage) != 0) {
        bar->stage = stage;
        bar->started = now;
    } else if (now - bar->drawn_at < redraw_ms) {
        return;
    }
    bar->drawn = true;
    bar->drawn_at = now;
    fprintf(stderr, "\r\033[K%s", stage);
    if (total)
        draw_bar(now - bar->started, done < total ? (double)done / (double)total : 1);
    else
        fprintf(stderr, " %" PRIu64, done);
    fflush(stderr);
}

void minnow_bar_end(struct minnow_bar *bar) {
    if (bar->drawn) fputs("\r\033[K", stderr);
    bar->drawn = false;
    bar->stage = NULL;
}
