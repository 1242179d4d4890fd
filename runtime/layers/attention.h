/* Multi-head self-attention within each text of a ragged batch. */
#ifndef MINNOW_ATTENTION_H
#define MINNOW_ATTENTION_H

#include "runtime/layers/layer.h"

/* Floats of scratch that a thread needs for texts of up to `tokens`. */
size_t minnow_attention_scratch(size_t tokens, size_t head_width);

/* query_key_value: [tokens][MINNOW_PADDED(3 * hidden)]; out: [tokens][MINNOW_PADDED(hidden)]. */
void minnow_attention_run(struct minnow_pass *pass, const float *query_key_value, size_t hidden, size_t heads,
                          float *out);

#endif
