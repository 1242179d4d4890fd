/* How eval's figures are shown. */
#ifndef MINNOW_CLI_QUALITY_H
#define MINNOW_CLI_QUALITY_H

#include "convert/eval/eval.h"
#include "platforms/cli/json_out.h"

/* The members of an object that is open. */
void minnow_quality_json(struct minnow_json_out *json, const struct minnow_eval_result *result);

#endif
