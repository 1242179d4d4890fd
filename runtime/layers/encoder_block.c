/* A post-norm transformer block (BERT): attention, then feed-forward, each added and normalized. */
#include "runtime/layers/attention.h"
#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    const struct minnow_encoder_block *block = &layer->encoder_block;
    minnow_plan_raise(&plan->row_width, block->hidden);
    minnow_plan_raise(&plan->wide_width, block->intermediate);
    minnow_linear_plan(&block->query_key_value, plan);
    minnow_linear_plan(&block->attention_output, plan);
    minnow_linear_plan(&block->ffn_up, plan);
    minnow_linear_plan(&block->ffn_down, plan);
    minnow_attention_plan(block, plan);
}

/* What follows attention: every row by itself. */
static void run_rows(const struct minnow_encoder_block *block, const struct minnow_pass *pass, size_t first,
                     size_t count) {
    const struct minnow_lane *lane = pass->divide_outputs ? pass->shared : pass->own;
    float *rows = pass->rows + first * MINNOW_PADDED(block->hidden);
    const float *attended = pass->other + first * MINNOW_PADDED(minnow_attention_width(block));
    minnow_linear_run(pass, &block->attention_output, attended, count, MINNOW_IDENTITY, lane->spare);
    minnow_layer_norm_run(pass, &block->attention_norm, lane->spare, rows, count, rows);
    minnow_linear_run(pass, &block->ffn_up, rows, count, block->activation, lane->wide);
    minnow_linear_run(pass, &block->ffn_down, lane->wide, count, MINNOW_IDENTITY, lane->spare);
    minnow_layer_norm_run(pass, &block->output_norm, lane->spare, rows, count, rows);
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_encoder_block *block = &layer->encoder_block;
    minnow_attention_run(block, pass);
    size_t count = pass->mine.end - pass->mine.first, chunks = (count + MINNOW_CHUNK_ROWS - 1) / MINNOW_CHUNK_ROWS;
    for (size_t i = 0; i < chunks; i++) {
        size_t first = count * i / chunks, end = count * (i + 1) / chunks;
        run_rows(block, pass, pass->mine.first + first, end - first);
    }
}

static void linears(const struct minnow_layer *layer, minnow_linear_visit_fn *visit, void *context) {
    const struct minnow_encoder_block *block = &layer->encoder_block;
    visit(context, &block->query_key_value);
    visit(context, &block->attention_output);
    visit(context, &block->ffn_up);
    visit(context, &block->ffn_down);
}

const struct minnow_layer_operations minnow_encoder_block_operations = {plan, run, linears};
