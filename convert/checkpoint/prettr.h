/* Models that see query and document apart at first, then together. */
#ifndef MINNOW_PRETTR_H
#define MINNOW_PRETTR_H

#include "convert/checkpoint/transformer.h"

/* Set both inputs and make the routes of the transformer's layers, which end in one number: texts pass `join` blocks
 * apart. */
enum minnow_status minnow_prettr_finish(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                        uint32_t join, struct minnow_error *error);

#endif
