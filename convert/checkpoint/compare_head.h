/* A head that compares a query's vector with a document's: what Minnow trains beside the modules of an encoder, in a
 * folder "minnow_head" that sentence-transformers passes over. Its config.json is {"type": "compare", "hidden": N}; its
 * weights are hidden.weight [N][4 width] and output.weight [1][N], with biases: the score of u and v is
 * output(relu(hidden([u; v; |u - v|; u * v]))). */
#ifndef MINNOW_COMPARE_HEAD_H
#define MINNOW_COMPARE_HEAD_H

#include "convert/checkpoint/reading.h"

/* Where there is one, add the joint route behind both roles' routes of `width`, and make scores the similarity. */
enum minnow_status minnow_compare_head_read(struct minnow_reading *reading, uint32_t width,
                                            struct minnow_error *error);

#endif
