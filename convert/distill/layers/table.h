/* Rows of a table that are looked up, and what comes back to them. */
#ifndef MINNOW_TRAINED_TABLE_H
#define MINNOW_TRAINED_TABLE_H

#include "convert/distill/trace.h"

/* Row ids[r] of the table added to row r of `out`; an absent table adds nothing. */
void minnow_train_table(const struct minnow_table *table, const uint32_t *ids, size_t rows, float *out);
/* The rows of out_gradient added to those that they were looked up from. */
void minnow_train_table_back(const struct minnow_table *gradient, const struct minnow_gradients *gradients,
                             const uint32_t *ids, size_t rows, const float *out_gradient);

#endif
