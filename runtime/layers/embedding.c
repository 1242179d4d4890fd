/* Token ids to rows: word + position + type, normalized. */
#include <string.h>

#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    minnow_plan_raise(&plan->row_width, layer->embedding.words.width);
}

/* Rows of a table added to `out`; an absent table adds nothing. */
static void add_rows(const struct minnow_kernels *kernels, const struct minnow_table *table, const uint32_t *ids,
                     size_t rows, float *out) {
    size_t width = table->width, stride = MINNOW_PADDED(width);
    if (table->rows == 0) return;
    switch (table->type) {
    case MINNOW_WEIGHT_F32: kernels->gather_f32(table->data, width, ids, rows, width, out, stride); break;
    case MINNOW_WEIGHT_S8: kernels->gather_s8(table->data, width, table->scale, ids, rows, width, out, stride); break;
    case MINNOW_WEIGHT_S4:
        kernels->gather_s4(table->data, table->steps, table->scale, ids, rows, width, out, stride);
        break;
    }
}

/* Every token of a bi-encoder's text is of type 0. */
static void add_type(const struct minnow_kernels *kernels, const struct minnow_table *types, size_t rows, float *out) {
    static const uint32_t type = 0;
    size_t stride = MINNOW_PADDED(types->width);
    for (size_t r = 0; r < rows; r++) add_rows(kernels, types, &type, 1, out + r * stride);
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_embedding *embedding = &layer->embedding;
    size_t first = pass->mine.first, rows = pass->mine.end - first, stride = MINNOW_PADDED(embedding->words.width);
    float *out = pass->rows + first * stride;
    pass->width = embedding->words.width;
    memset(out, 0, rows * stride * sizeof *out);
    add_rows(pass->kernels, &embedding->words, pass->shared->ids + first, rows, out);
    add_rows(pass->kernels, &embedding->positions, pass->shared->positions + first, rows, out);
    add_type(pass->kernels, &embedding->types, rows, out);
    if (embedding->norm.width) minnow_layer_norm_run(pass, &embedding->norm, out, NULL, rows, out);
}

const struct minnow_layer_operations minnow_embedding_operations = {plan, run, NULL};
