/* A row of a table for each token's position, added. */
#include "runtime/layers/table.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    (void)layer;
    (void)plan; /* in place */
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_table *table = &layer->positions.table;
    size_t first = pass->mine.first;
    minnow_table_add_rows(pass->kernels, table, pass->shared->positions + first, pass->mine.end - first,
                          pass->rows + first * MINNOW_PADDED(table->width));
}

const struct minnow_layer_operations minnow_positions_operations = {plan, run, NULL};
