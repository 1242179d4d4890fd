/* A word table that is a product of two factors, which lie in a file beside the weights that hold the product itself:
 * word_factors [vocabulary][rank] and word_projection [hidden][rank], the table being word_factors word_projection^T.
 * Other programs see the product alone. */
#ifndef MINNOW_FACTORS_H
#define MINNOW_FACTORS_H

#include "convert/checkpoint/reading.h"

#define MINNOW_FACTORS_FILE "minnow_factors.safetensors"

struct minnow_word_factors {
    uint32_t rank;           /* 0: there is no such file */
    const float *words;      /* [vocabulary][rank] */
    const float *projection; /* [hidden][rank] */
};

/* Read the file of a subfolder, if it is there, and count it among those the model is made of. MINNOW_BAD_CHECKPOINT:
 * the product is not `product`, the f32 word table, to 1e-4 of that one's largest number. */
enum minnow_status minnow_factors_read(struct minnow_reading *reading, const char *subfolder,
                                       const struct minnow_table *product, struct minnow_word_factors *factors,
                                       struct minnow_error *error);

/* Add the embedding as layers: words of the first factor, a dense layer of the second, positions, norm. The row of
 * token type 0 goes into every position's; others are left out. */
enum minnow_status minnow_factors_add_layers(const struct minnow_reading *reading,
                                             const struct minnow_word_factors *factors,
                                             const struct minnow_embedding *embedding, struct minnow_layer_list *list,
                                             struct minnow_error *error);

#endif
