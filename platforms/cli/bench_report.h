/* What `minnow bench` found, for people, programs and spreadsheets. */
#ifndef MINNOW_CLI_BENCH_REPORT_H
#define MINNOW_CLI_BENCH_REPORT_H

#include "platforms/cli/bench_cases.h"

/* All sort the samples. */
void minnow_bench_print_table(struct minnow_bench_plan *plan);
void minnow_bench_print_json(struct minnow_bench_plan *plan);
void minnow_bench_print_csv(struct minnow_bench_plan *plan); /* the machine and the build in every line */

#endif
