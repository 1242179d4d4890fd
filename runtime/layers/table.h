/* Rows of an embedding table. */
#ifndef MINNOW_TABLE_H
#define MINNOW_TABLE_H

#include "runtime/layers/layer.h"

/* Row ids[r] of the table added to row r of `out`, whose stride is MINNOW_PADDED(width); an absent table adds nothing. */
void minnow_table_add_rows(const struct minnow_kernels *kernels, const struct minnow_table *table, const uint32_t *ids,
                           size_t rows, float *out);

#endif
