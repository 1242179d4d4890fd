/* What a fresh process needs until its first vectors: time from its start, and memory. */
#ifndef MINNOW_CLI_BENCH_COLD_H
#define MINNOW_CLI_BENCH_COLD_H

#include "minnow.h"

struct minnow_cold {
    const char *model, *isa; /* NULL: the built-in one; the best */
    uint32_t threads;
    const struct minnow_text *texts; /* without line ends */
    size_t count;
};

struct minnow_cold_result {
    double open_ms;     /* the model alone */
    double first_ms;    /* from before the process is made to its vectors */
    uint64_t peak_bytes; /* of resident memory; 0: not known */
};

/* Run this program again for one encode. False where a process cannot be started from itself, or fails. */
bool minnow_cold_measure(const struct minnow_cold *cold, struct minnow_cold_result *result);

/* What that process does: encode standard input, a text a line, in one call; a JSON object on standard output. */
enum minnow_status minnow_cold_run(const char *model, const char *isa, uint32_t threads, struct minnow_error *error);

#endif
