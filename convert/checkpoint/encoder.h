/* The transformer's tensors as an embedding and encoder blocks. */
#ifndef MINNOW_ENCODER_H
#define MINNOW_ENCODER_H

#include "convert/checkpoint/encoder_config.h"
#include "convert/checkpoint/tensor_source.h"

/* Fill layers[0 .. config->layers]: the embedding, with all rows of its position table, then the blocks.
 * Values are f32 in `memory`. */
enum minnow_status minnow_encoder_read(const struct minnow_tensor_source *source,
                                       const struct minnow_encoder_config *config, struct minnow_memory *memory,
                                       struct minnow_layer *layers, struct minnow_error *error);

#endif
