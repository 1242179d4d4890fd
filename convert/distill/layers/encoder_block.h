/* What losses see inside an encoder block. */
#ifndef MINNOW_TRAINED_ENCODER_BLOCK_H
#define MINNOW_TRAINED_ENCODER_BLOCK_H

#include "convert/distill/trace.h"

/* Of a block that has run, `layer` of the trace's route: queries, keys and values side by side, [tokens][3 * *width].
 */
const float *minnow_train_query_key_value(const struct minnow_trace *trace, uint32_t layer, size_t *width);
/* Their gradient, all 0, for a loss to fill in before the trace goes back; NULL: out of memory. */
float *minnow_train_query_key_value_gradient(struct minnow_trace *trace, uint32_t layer);

#endif
