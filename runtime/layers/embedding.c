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
    if (table->type == MINNOW_WEIGHT_S8)
        kernels->gather_s8(table->data, width, table->scale, ids, rows, width, out, stride);
    else
        kernels->gather_f32(table->data, width, ids, rows, width, out, stride);
}

/* Every token of a bi-encoder's text is of type 0. */
static void add_type(const struct minnow_kernels *kernels, const struct minnow_table *types, size_t rows, float *out) {
    static const uint32_t type = 0;
    size_t stride = MINNOW_PADDED(types->width);
    for (size_t r = 0; r < rows; r++) add_rows(kernels, types, &type, 1, out + r * stride);
}

struct job {
    struct minnow_pass *pass;
    const struct minnow_embedding *embedding;
};

static void embed_chunk(void *context, size_t first, size_t rows) {
    const struct job *job = context;
    const struct minnow_pass *pass = job->pass;
    const struct minnow_embedding *embedding = job->embedding;
    size_t stride = MINNOW_PADDED(embedding->words.width);
    float *out = pass->rows + first * stride;
    memset(out, 0, rows * stride * sizeof *out);
    add_rows(pass->kernels, &embedding->words, pass->ids + first, rows, out);
    add_rows(pass->kernels, &embedding->positions, pass->positions + first, rows, out);
    add_type(pass->kernels, &embedding->types, rows, out);
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_embedding *embedding = &layer->embedding;
    struct job job = {pass, embedding};
    pass->row_count = pass->token_count;
    pass->width = embedding->words.width;
    minnow_pass_chunks(pass, pass->token_count, embed_chunk, &job);
    if (embedding->norm.width)
        minnow_pass_layer_norm(pass, &embedding->norm, pass->rows, NULL, pass->token_count, pass->rows);
}

const struct minnow_layer_operations minnow_embedding_operations = {plan, run, NULL};
