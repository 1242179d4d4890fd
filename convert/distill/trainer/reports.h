/* What a run leaves beside its student: metrics.jsonl, an object for each evaluation, and curve.svg. Both are made anew
 * from all records, so that a run that goes on repeats nothing and loses nothing; each appears whole or not at all. */
#ifndef MINNOW_TRAINER_REPORTS_H
#define MINNOW_TRAINER_REPORTS_H

#include "convert/distill/trainer/run.h"

enum minnow_status minnow_metrics_write(const struct minnow_run *run, struct minnow_error *error);
enum minnow_status minnow_curve_write(const struct minnow_run *run, struct minnow_error *error);

#endif
