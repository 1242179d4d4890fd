/* The transformer's tensors as an embedding and encoder blocks. */
#ifndef MINNOW_ENCODER_H
#define MINNOW_ENCODER_H

#include "convert/checkpoint/encoder_config.h"
#include "convert/checkpoint/reading.h"

/* What stands before the encoder's names in a source: "bert.", "bert_model." ...; "" where no word table is found. */
const char *minnow_encoder_prefix(const struct minnow_tensor_source *source);

/* Add the embedding, with all rows of its position table, and the blocks to a list. `source` is of a subfolder of the
 * checkpoint's ("": itself); where the word table's factors lie beside it (factors.h), the embedding is the layers of
 * these, which know token type 0 alone. */
enum minnow_status minnow_encoder_read(struct minnow_reading *reading, const char *subfolder,
                                       const struct minnow_tensor_source *source,
                                       const struct minnow_encoder_config *config, struct minnow_layer_list *list,
                                       struct minnow_error *error);

#endif
