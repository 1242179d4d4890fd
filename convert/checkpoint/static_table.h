/* Rows of a static table, one for each token. */
#ifndef MINNOW_STATIC_TABLE_H
#define MINNOW_STATIC_TABLE_H

#include "convert/checkpoint/reading.h"

struct minnow_static_table {
    const float *rows; /* [count][width], in the checkpoint's memory */
    uint32_t count, width;
};

/* Read "embedding.weight" of a subfolder's weights, or, as model2vec stores a table, "embeddings" (floats or whole
 * numbers) with the optional "mapping" (the row of each token) and "weights" (a factor for each token). */
enum minnow_status minnow_static_table_read(struct minnow_reading *reading, const char *subfolder,
                                            struct minnow_static_table *table, struct minnow_error *error);

/* tokenizer.json's truncation.max_length, or 0. */
enum minnow_status minnow_static_limit_read(const struct minnow_reading *reading, const char *subfolder,
                                            uint32_t *max_tokens, struct minnow_error *error);

#endif
