/* Token ids to rows: word + position + type, normalized. */
#include <string.h>

#include "runtime/layers/table.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    minnow_plan_raise(&plan->row_width, layer->embedding.words.width);
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_embedding *embedding = &layer->embedding;
    size_t first = pass->mine.first, rows = pass->mine.end - first, stride = MINNOW_PADDED(embedding->words.width);
    float *out = pass->rows + first * stride;
    pass->width = embedding->words.width;
    memset(out, 0, rows * stride * sizeof *out);
    minnow_table_add_rows(pass->kernels, &embedding->words, pass->shared->ids + first, rows, out);
    minnow_table_add_rows(pass->kernels, &embedding->positions, pass->shared->positions + first, rows, out);
    minnow_table_add_rows(pass->kernels, &embedding->types, pass->shared->types + first, rows, out);
    if (embedding->norm.width) minnow_layer_norm_run(pass, &embedding->norm, out, NULL, rows, out);
}

const struct minnow_layer_operations minnow_embedding_operations = {plan, run, NULL};
