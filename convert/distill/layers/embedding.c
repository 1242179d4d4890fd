/* Token ids to rows: word + position + type, normalized. */
#include "convert/distill/layers/layers.h"
#include "convert/distill/layers/norm.h"
#include "convert/distill/layers/table.h"

static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    const struct minnow_embedding *embedding = &layer->embedding;
    const struct minnow_batch *batch = &trace->batch;
    size_t width = embedding->words.width, count = batch->token_count;
    struct minnow_normed *normed = step->saved = minnow_tape_push(&trace->tape, sizeof *normed);
    float *rows = minnow_tape_zeros(&trace->tape, count * width);
    if (!normed || !rows) return false;
    minnow_train_table(&embedding->words, batch->ids, count, rows);
    minnow_train_table(&embedding->positions, batch->positions, count, rows);
    minnow_train_table(&embedding->types, batch->types, count, rows);
    trace->rows = rows;
    trace->row_count = count;
    trace->width = width;
    if (embedding->norm.width == 0) return true;
    if (!minnow_normed_take(&trace->tape, count, width, normed)) return false;
    minnow_train_norm(&embedding->norm, rows, NULL, count, normed, rows);
    return true;
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    const struct minnow_embedding *embedding = &layer->embedding;
    struct minnow_embedding *sums = &gradient->embedding;
    const struct minnow_batch *batch = &trace->batch;
    size_t count = batch->token_count;
    if (embedding->norm.width)
        minnow_train_norm_back(&embedding->norm, &sums->norm, step->saved, trace->gradient, count, trace->gradient);
    minnow_train_table_back(&sums->words, trace->gradients, batch->ids, count, trace->gradient);
    minnow_train_table_back(&sums->positions, trace->gradients, batch->positions, count, trace->gradient);
    minnow_train_table_back(&sums->types, trace->gradients, batch->types, count, trace->gradient);
    return true;
}

const struct minnow_layer_training minnow_embedding_training = {forward, backward};
