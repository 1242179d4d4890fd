/* What a model is made of: its layers, and what becomes of a text before they see it. */
#ifndef MINNOW_CLI_FAMILY_H
#define MINNOW_CLI_FAMILY_H

#include "platforms/cli/json_out.h"

/* "layers" and "inputs" of an object that is open. */
void minnow_family_json(struct minnow_json_out *json, const struct minnow_model *model);
/* Rows of `minnow info`. */
void minnow_family_print(const struct minnow_model *model);

#endif
