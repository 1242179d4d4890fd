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

#endif
