/* Multi-head self-attention within each text of a ragged batch: the block's query, key and value layer, and what
 * they make of each other. */
#ifndef MINNOW_ATTENTION_H
#define MINNOW_ATTENTION_H

#include "runtime/layers/layer.h"

/* Raise the scratch that the block's attention needs. */
void minnow_attention_plan(const struct minnow_encoder_block *block, struct minnow_plan *plan);

/* From pass->rows to pass->other, [tokens][MINNOW_PADDED(minnow_attention_width)], complete for every lane when this
 * returns. */
void minnow_attention_run(const struct minnow_encoder_block *block, const struct minnow_pass *pass);

/* The same for f32 weights, by one lane; scratch in floats, for `tokens` rows. */
size_t minnow_attention_f32_floats(const struct minnow_encoder_block *block, size_t tokens, size_t max_tokens);
void minnow_attention_f32_run(const struct minnow_encoder_block *block, const struct minnow_pass *pass);

#endif
