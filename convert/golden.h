/* Texts whose tokens and vectors travel in the model file, for `minnow verify`. */
#ifndef MINNOW_GOLDEN_H
#define MINNOW_GOLDEN_H

#include "convert/memory.h"
#include "runtime/model/model.h"

/* Encode the golden texts in each role with `model`; *golden is taken from `memory`. */
enum minnow_status minnow_make_golden(const struct minnow_model *model, struct minnow_memory *memory,
                                      const struct minnow_golden **golden, uint32_t *count,
                                      struct minnow_error *error);

#endif
