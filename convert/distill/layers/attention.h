/* Multi-head attention within each text, there and back. */
#ifndef MINNOW_TRAINED_ATTENTION_H
#define MINNOW_TRAINED_ATTENTION_H

#include "convert/distill/trace.h"

/* Floats that the softmax of all heads of the batch takes. */
size_t minnow_train_attention_floats(const struct minnow_encoder_block *block, const struct minnow_batch *batch);

/* query_key_value: [tokens][3 hidden]; weights: what softmax gives, kept for the way back; context: [tokens][hidden].
 */
void minnow_train_attention(const struct minnow_encoder_block *block, const struct minnow_trace *trace,
                            const float *query_key_value, float *weights, float *context);

/* From context's gradient to that of query_key_value. scratch: [longest text][its tokens, padded]. */
void minnow_train_attention_back(const struct minnow_encoder_block *block, const struct minnow_trace *trace,
                                 const float *query_key_value, const float *weights, const float *context_gradient,
                                 float *scratch, float *gradient);

/* Of an encoder block that has run, `layer` of the trace's route: what its attention saw, [tokens][3 *width], and a
 * gradient of it, all 0, for a loss that looks at it to fill in before the trace goes back; NULL: out of memory. */
const float *minnow_block_query_key_value(const struct minnow_trace *trace, uint32_t layer, size_t *width);
float *minnow_block_query_key_value_gradient(struct minnow_trace *trace, uint32_t layer);

#endif
