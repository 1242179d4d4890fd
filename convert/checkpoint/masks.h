/* The eight [MASK] tokens that Margin-MSE's authors put into every query of their ColBERT and PreTTR. */
#ifndef MINNOW_MASKS_H
#define MINNOW_MASKS_H

#include "convert/checkpoint/transformer.h"

enum { MINNOW_QUERY_MASKS = 8 };

/* Set the query's input: at most `length` tokens, and the [MASK]s where options->mask_tokens says: after [SEP], as the
 * published example has it, or before, as the trainer has it. */
enum minnow_status minnow_masks_set_query(struct minnow_reading *reading, const struct minnow_transformer *transformer,
                                          uint32_t length, struct minnow_error *error);

#endif
