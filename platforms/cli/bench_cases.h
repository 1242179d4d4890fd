/* What is measured: every length x batch x threads x tier, sampled in turns. */
#ifndef MINNOW_CLI_BENCH_CASES_H
#define MINNOW_CLI_BENCH_CASES_H

#include "platforms/cli/arguments.h"
#include "platforms/cli/bench_cold.h"
#include "platforms/cli/bench_samples.h"
#include "platforms/cli/progress.h"

#include "minnow.h"

struct minnow_bench_case {
    uint32_t tokens, batch, threads; /* threads that ran: capped at the cores */
    size_t tier;                     /* of the plan's models */
    struct minnow_text *texts;       /* [batch] */
    struct minnow_samples encode_ms, open_ms, first_ms; /* the last two of fresh processes */
    uint64_t peak_bytes;                                /* the most of them; 0: not known */
};

struct minnow_bench_plan {
    const char *path;
    double seconds; /* of measuring each case, at least */
    bool tokens_chosen;
    struct minnow_numbers tokens, batches, threads;
    struct minnow_names isas; /* none: the best tier */
    struct minnow_model *models[MINNOW_MAX_NAMES]; /* by tier */
    size_t tiers;
    double open_ms;   /* of one of them, in this process */
    bool cold_failed; /* fresh processes cannot be had */
    struct minnow_bench_case *cases; /* by tier, threads, tokens, batch */
    size_t count;
};

/* Models are opened and texts made. Sizes that nobody chose are left out where the model cannot have them. */
enum minnow_status minnow_bench_prepare(struct minnow_bench_plan *plan, struct minnow_error *error);
/* Fills the samples. Cases take turns, so that what disturbs the machine meets all alike. */
enum minnow_status minnow_bench_measure(struct minnow_bench_plan *plan, struct minnow_bar *bar,
                                        struct minnow_error *error);
void minnow_bench_free(struct minnow_bench_plan *plan);

#endif
