/* The weights of a TK model (arXiv 2002.01854; 2010.02666) as matchmaker names them. */
#ifndef MINNOW_TK_WEIGHTS_H
#define MINNOW_TK_WEIGHTS_H

#include "convert/checkpoint/reading.h"

/* What the names and shapes of tensors do not tell. */
struct minnow_tk_shape {
    uint32_t heads, blocks;
    bool mixes; /* a share of the word vectors stays beside their context */
};

struct minnow_tk_parts {
    struct minnow_table words;
    struct minnow_table positions[2]; /* by role; rows of their own */
    struct minnow_encoder_block *blocks;
    uint32_t block_count;
    float share; /* of the word vectors */
    struct minnow_kernel_pooling kernels;
};

/* Read and check all of them. The older variant with a second, length-normalized sum is MINNOW_UNSUPPORTED. */
enum minnow_status minnow_tk_read(struct minnow_reading *reading, const struct minnow_tk_shape *shape,
                                  struct minnow_tk_parts *parts, struct minnow_error *error);

/* The layers of both roles' texts, of at most lengths[role] tokens: the positions of documents come behind those of
 * queries. */
enum minnow_status minnow_tk_add_layers(const struct minnow_reading *reading, const struct minnow_tk_shape *shape,
                                        const struct minnow_tk_parts *parts, const uint32_t lengths[2],
                                        struct minnow_layer_list *list, struct minnow_error *error);

#endif
