/* Attention in 8 bits. Of each head the queries are quantized by row as activations are, the keys by token and the
 * values by column as weights are; softmax gives bytes again (kernels.h), so that both products are those of linear
 * layers. Lanes divide the heads. */
#include "runtime/layers/attention.h"

#include <math.h>
#include <string.h>

#include "runtime/layers/scratch.h"

enum {
    QUERY_ROWS = 32,           /* rows of scores computed at once: they stay in the first-level cache */
    PROJECTED_FLOATS = 1 << 16 /* as many heads are projected at once as this holds, in the second-level cache */
};

static const float log2_e = 0x1.715476p+0f;

/* Scratch for texts of up to `tokens`. */
struct scratch {
    float *projected; /* queries, keys and values of some heads */
    int8_t *keys, *values; /* packed */
    float *key_scale, *value_scale;
    int32_t *key_sum, *value_sum;
    float *zeros;
    int8_t *queries; /* [QUERY_ROWS][padded width] */
    struct minnow_row_quantization *query_quantization, *code_quantization;
    float *scores;  /* [QUERY_ROWS][padded tokens] */
    int8_t *codes;  /* [QUERY_ROWS][padded tokens]: of softmax */
    float *context; /* [QUERY_ROWS][padded width] */
};

/* Returns the bytes used; with base NULL it only measures. */
static size_t lay_out(struct scratch *scratch, char *base, size_t tokens, size_t width, size_t projected) {
    size_t padded_tokens = MINNOW_PADDED(tokens), padded_width = MINNOW_PADDED(width), used = 0;
    scratch->projected = minnow_scratch_take(base, &used, projected * sizeof(float));
    scratch->keys = minnow_scratch_take(base, &used, minnow_packed_s8_bytes(tokens, width));
    scratch->values = minnow_scratch_take(base, &used, minnow_packed_s8_bytes(width, tokens));
    scratch->key_scale = minnow_scratch_take(base, &used, padded_tokens * sizeof(float));
    scratch->value_scale = minnow_scratch_take(base, &used, padded_width * sizeof(float));
    scratch->key_sum = minnow_scratch_take(base, &used, padded_tokens * sizeof(int32_t));
    scratch->value_sum = minnow_scratch_take(base, &used, padded_width * sizeof(int32_t));
    scratch->zeros = minnow_scratch_take(base, &used, (padded_tokens + padded_width) * sizeof(float));
    scratch->queries = minnow_scratch_take(base, &used, QUERY_ROWS * padded_width);
    scratch->query_quantization = minnow_scratch_take(base, &used, QUERY_ROWS * sizeof *scratch->query_quantization);
    scratch->code_quantization = minnow_scratch_take(base, &used, QUERY_ROWS * sizeof *scratch->code_quantization);
    scratch->scores = minnow_scratch_take(base, &used, QUERY_ROWS * padded_tokens * sizeof(float));
    scratch->codes = minnow_scratch_take(base, &used, QUERY_ROWS * padded_tokens);
    scratch->context = minnow_scratch_take(base, &used, QUERY_ROWS * padded_width * sizeof(float));
    return used;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* Floats of a row of projected queries (or keys, or values): they begin at a multiple of 16 before the first head. */
static size_t projected_stride(size_t heads, size_t width) { return MINNOW_PADDED(heads * width) + MINNOW_LANES; }

static size_t projected_floats(size_t tokens, size_t width) {
    return larger(PROJECTED_FLOATS, 3 * tokens * projected_stride(1, width));
}

void minnow_attention_plan(const struct minnow_encoder_block *block, struct minnow_plan *plan) {
    struct scratch scratch;
    size_t width = minnow_attention_width(block) / block->heads;
    if (block->query_key_value.type == MINNOW_WEIGHT_F32)
        minnow_plan_raise(&plan->scratch_bytes,
                          minnow_attention_f32_floats(block, plan->tokens, plan->max_tokens) * sizeof(float));
    else
        minnow_plan_raise(&plan->scratch_bytes, lay_out(&scratch, NULL, plan->max_tokens, width,
                                                          projected_floats(plan->tokens, width)));
}

/* One head of one text. */
struct head {
    const struct minnow_kernels *kernels;
    struct scratch scratch;
    const float *query, *key, *value; /* first row of the head's columns */
    size_t stride;                    /* of these rows */
    float *out;
    size_t out_stride, rows, tokens, width; /* rows: of queries; tokens: that they see */
};

/* A product of attention: `rows` quantized rows with packed keys or values. */
static void multiply(const struct head *head, size_t rows, struct minnow_gemm_s8_args args) {
    args.rows = rows;
    args.bias = head->scratch.zeros;
    head->kernels->gemm_s8.run(&args);
}

/* Scores of some queries with all keys. */
static void score_queries(const struct head *head, const float *query, size_t rows) {
    const struct scratch *scratch = &head->scratch;
    size_t padded_width = MINNOW_PADDED(head->width);
    head->kernels->quantize_rows(query, head->stride, rows, head->width, head->kernels->gemm_s8.flip, scratch->queries,
                                 padded_width, scratch->query_quantization);
    multiply(head, rows,
             (struct minnow_gemm_s8_args){.outputs = head->tokens,
                                          .inputs = head->width,
                                          .a = scratch->queries,
                                          .a_stride = padded_width,
                                          .quantization = scratch->query_quantization,
                                          .weights = scratch->keys,
                                          .scale = scratch->key_scale,
                                          .column_sum = scratch->key_sum,
                                          .out = scratch->scores,
                                          .out_stride = MINNOW_PADDED(head->tokens)});
}

/* Scores to weights of the values, and their sum. */
static void mix_values(const struct head *head, size_t rows, float *out, size_t out_stride) {
    const struct scratch *scratch = &head->scratch;
    size_t padded_tokens = MINNOW_PADDED(head->tokens);
    head->kernels->softmax_quantize_rows(scratch->scores, padded_tokens, rows, head->tokens,
                                         log2_e / sqrtf((float)head->width), head->kernels->gemm_s8.flip,
                                         scratch->codes, padded_tokens, scratch->code_quantization);
    multiply(head, rows,
             (struct minnow_gemm_s8_args){.outputs = head->width,
                                          .inputs = head->tokens,
                                          .a = scratch->codes,
                                          .a_stride = padded_tokens,
                                          .quantization = scratch->code_quantization,
                                          .weights = scratch->values,
                                          .scale = scratch->value_scale,
                                          .column_sum = scratch->value_sum,
                                          .out = out,
                                          .out_stride = out_stride});
}

/* Products write padded rows, which must not reach into the next head's columns. */
static void mix_into(const struct head *head, size_t rows, float *out) {
    size_t padded_width = MINNOW_PADDED(head->width);
    if (padded_width == head->width) {
        mix_values(head, rows, out, head->out_stride);
        return;
    }
    mix_values(head, rows, head->scratch.context, padded_width);
    for (size_t r = 0; r < rows; r++)
        memcpy(out + r * head->out_stride, head->scratch.context + r * padded_width, head->width * sizeof *out);
}

static void see_nothing(const struct head *head) {
    for (size_t r = 0; r < head->rows; r++) memset(head->out + r * head->out_stride, 0, head->width * sizeof(float));
}

static void attend(const struct head *head) {
    const struct scratch *scratch = &head->scratch;
    if (head->tokens == 0) {
        see_nothing(head);
        return;
    }
    head->kernels->pack_rows(head->key, head->stride, head->tokens, head->width, scratch->keys, scratch->key_scale,
                             scratch->key_sum);
    head->kernels->pack_columns(head->value, head->stride, head->tokens, head->width, scratch->values,
                                scratch->value_scale, scratch->value_sum);
    for (size_t first = 0; first < head->rows; first += QUERY_ROWS) {
        size_t left = head->rows - first, rows = left < QUERY_ROWS ? left : QUERY_ROWS;
        score_queries(head, head->query + first * head->stride, rows);
        mix_into(head, rows, head->out + first * head->out_stride);
    }
}

/* Some heads of all texts. */
struct group {
    const struct minnow_encoder_block *block;
    const struct minnow_pass *pass;
    struct minnow_linear_input input;
    struct scratch scratch;
    struct minnow_range heads;
};

/* Queries (part 0), keys (1) or values (2) of the heads; returns where the first head's begin. */
static const float *project(const struct group *group, size_t part) {
    const struct minnow_encoder_block *block = group->block;
    size_t all = minnow_attention_width(block), width = all / block->heads;
    size_t heads = group->heads.end - group->heads.first;
    size_t stride = projected_stride(heads, width), begin = part * all + group->heads.first * width;
    float *out = group->scratch.projected + part * group->input.row_count * stride;
    struct minnow_range outputs = {begin / MINNOW_LANES * MINNOW_LANES, begin + heads * width};
    minnow_linear_multiply(group->pass, &block->query_key_value, group->input, outputs, out, stride);
    return out + (begin - outputs.first);
}

static void attend_group(const struct group *group) {
    const struct minnow_encoder_block *block = group->block;
    const struct minnow_pass *pass = group->pass;
    size_t all = minnow_attention_width(block), width = all / block->heads;
    size_t heads = group->heads.end - group->heads.first;
    struct head head = {.kernels = pass->kernels,
                        .scratch = group->scratch,
                        .stride = projected_stride(heads, width),
                        .out_stride = MINNOW_PADDED(all),
                        .width = width};
    const float *query = project(group, 0), *key = project(group, 1), *value = project(group, 2);
    for (size_t t = 0; t < pass->text_count; t++)
        for (size_t h = 0; h < heads; h++) {
            struct minnow_span span = pass->shared->spans[t];
            size_t at = span.first * head.stride + h * width;
            head.query = query + at;
            head.key = key + at;
            head.value = value + at;
            head.rows = span.count;
            head.tokens = span.seen;
            head.out = pass->other + span.first * head.out_stride + (group->heads.first + h) * width;
            attend(&head);
        }
}

static size_t longest_text(const struct minnow_pass *pass) {
    size_t longest = 0;
    for (size_t t = 0; t < pass->text_count; t++) longest = larger(longest, pass->shared->spans[t].count);
    return longest;
}

/* The most heads whose projections fit into the room for them. */
static size_t heads_at_once(size_t rows, size_t width, size_t heads) {
    while (heads > 1 && 3 * rows * projected_stride(heads, width) > PROJECTED_FLOATS) heads--;
    return heads;
}

/* This lane's heads, some at a time. */
static void attend_heads(struct group *group) {
    const struct minnow_pass *pass = group->pass;
    size_t width = minnow_attention_width(group->block) / group->block->heads;
    struct minnow_range mine = minnow_share(group->block->heads, 1, pass->lane, pass->lanes);
    size_t step = heads_at_once(pass->row_count, width, mine.end - mine.first), longest = longest_text(pass);
    lay_out(&group->scratch, pass->own->scratch, longest, width, projected_floats(pass->row_count, width));
    memset(group->scratch.zeros, 0, (MINNOW_PADDED(longest) + MINNOW_PADDED(width)) * sizeof(float));
    for (size_t h = mine.first; h < mine.end; h += step) {
        group->heads = (struct minnow_range){h, h + step < mine.end ? h + step : mine.end};
        attend_group(group);
    }
}

void minnow_attention_run(const struct minnow_encoder_block *block, const struct minnow_pass *pass) {
    if (block->query_key_value.type == MINNOW_WEIGHT_F32) {
        minnow_attention_f32_run(block, pass);
        return;
    }
    const struct minnow_lane *lane = pass->divide_outputs ? pass->own : pass->shared;
    size_t stride = MINNOW_PADDED(block->hidden), first = pass->mine.first;
    minnow_linear_quantize(pass, &block->query_key_value, pass->rows + first * stride, pass->mine.end - first,
                           lane->quantized + first * stride, lane->quantization + first);
    minnow_pass_wait_for_rows(pass);
    struct group group = {
        .block = block, .pass = pass, .input = {lane->quantized, lane->quantization, pass->row_count, stride}};
    attend_heads(&group);
    minnow_pass_wait(pass);
}
