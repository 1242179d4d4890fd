/* A post-norm transformer block (BERT): attention, then feed-forward, each added and normalized. */
#include "runtime/layers/attention.h"
#include "runtime/layers/layer.h"

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    const struct minnow_encoder_block *block = &layer->encoder_block;
    minnow_plan_raise(&plan->row_width, block->hidden);
    minnow_plan_raise(&plan->wide_width, 3 * (size_t)block->hidden);
    minnow_plan_raise(&plan->wide_width, block->intermediate);
    minnow_plan_raise(&plan->input_width, block->hidden);
    minnow_plan_raise(&plan->input_width, block->intermediate);
    minnow_plan_raise(&plan->lane_floats, minnow_attention_scratch(plan->max_tokens, block->hidden / block->heads));
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_encoder_block *block = &layer->encoder_block;
    size_t rows = pass->row_count;
    minnow_linear_run(pass->linears, &block->query_key_value, pass->rows, rows, MINNOW_IDENTITY, pass->wide);
    minnow_attention_run(pass, pass->wide, block->hidden, block->heads, pass->spare);
    minnow_linear_run(pass->linears, &block->attention_output, pass->spare, rows, MINNOW_IDENTITY, pass->wide);
    minnow_pass_layer_norm(pass, &block->attention_norm, pass->wide, pass->rows, rows, pass->rows);

    minnow_linear_run(pass->linears, &block->ffn_up, pass->rows, rows, block->activation, pass->wide);
    minnow_linear_run(pass->linears, &block->ffn_down, pass->wide, rows, MINNOW_IDENTITY, pass->spare);
    minnow_pass_layer_norm(pass, &block->output_norm, pass->spare, pass->rows, rows, pass->rows);
}

static void linears(const struct minnow_layer *layer, minnow_linear_visit_fn *visit, void *context) {
    const struct minnow_encoder_block *block = &layer->encoder_block;
    visit(context, &block->query_key_value);
    visit(context, &block->attention_output);
    visit(context, &block->ffn_up);
    visit(context, &block->ffn_down);
}

const struct minnow_layer_operations minnow_encoder_block_operations = {plan, run, linears};
