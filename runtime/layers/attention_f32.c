/* Attention of f32 models: every product in f32, sums over depth in order. */
#include <math.h>
#include <string.h>

#include "runtime/layers/attention.h"

/* Rows of scores computed at once: they stay in the first-level cache. */
enum { QUERY_ROWS = 32 };

/* One head of one text. */
struct head {
    const struct minnow_kernels *kernels;
    const float *query, *key, *value; /* first row of the head's columns */
    float *out;
    size_t in_stride, out_stride, rows, tokens, width; /* rows: of queries; tokens: that they see */
    float *transposed_key; /* [width][padded tokens] */
    float *scores;         /* [QUERY_ROWS][padded tokens] */
    float *context;        /* [QUERY_ROWS][padded width] */
};

size_t minnow_attention_f32_floats(const struct minnow_encoder_block *block, size_t tokens, size_t max_tokens) {
    size_t all = minnow_attention_width(block), width = all / block->heads, padded_tokens = MINNOW_PADDED(max_tokens);
    return tokens * MINNOW_PADDED(3 * all) + width * padded_tokens + QUERY_ROWS * padded_tokens +
           QUERY_ROWS * MINNOW_PADDED(width);
}

static void transpose_key(const struct head *head) {
    size_t stride = MINNOW_PADDED(head->tokens);
    for (size_t t = 0; t < head->tokens; t++)
        for (size_t w = 0; w < head->width; w++)
            head->transposed_key[w * stride + t] = head->key[t * head->in_stride + w];
}

static void attend_rows(const struct head *head, size_t first, size_t rows) {
    size_t score_stride = MINNOW_PADDED(head->tokens), context_stride = MINNOW_PADDED(head->width);
    head->kernels->gemm_f32(head->query + first * head->in_stride, head->in_stride, head->transposed_key, score_stride,
                            rows, head->tokens, head->width, head->scores, score_stride);
    head->kernels->softmax_rows(head->scores, score_stride, rows, head->tokens, 1.0f / sqrtf((float)head->width));
    head->kernels->gemm_f32(head->scores, score_stride, head->value, head->in_stride, rows, head->width, head->tokens,
                            head->context, context_stride);
    for (size_t r = 0; r < rows; r++)
        memcpy(head->out + (first + r) * head->out_stride, head->context + r * context_stride,
               head->width * sizeof *head->out);
}

static void attend_head(const struct minnow_pass *pass, const struct minnow_encoder_block *block,
                        const float *query_key_value, float *scratch, struct minnow_span span, size_t number) {
    size_t all = minnow_attention_width(block), width = all / block->heads, column = number * width;
    struct head head = {.kernels = pass->kernels,
                        .in_stride = MINNOW_PADDED(3 * all),
                        .out_stride = MINNOW_PADDED(all),
                        .rows = span.count,
                        .tokens = span.seen,
                        .width = width};
    head.query = query_key_value + span.first * head.in_stride + column;
    head.key = head.query + all;
    head.value = head.key + all;
    head.out = pass->other + span.first * head.out_stride + column;
    head.transposed_key = scratch;
    head.scores = head.transposed_key + width * MINNOW_PADDED(head.tokens);
    head.context = head.scores + QUERY_ROWS * MINNOW_PADDED(head.tokens);
    transpose_key(&head);
    for (size_t first = 0; first < head.rows; first += QUERY_ROWS) {
        size_t left = head.rows - first;
        attend_rows(&head, first, left < QUERY_ROWS ? left : QUERY_ROWS);
    }
}

void minnow_attention_f32_run(const struct minnow_encoder_block *block, const struct minnow_pass *pass) {
    float *query_key_value = pass->own->scratch;
    float *scratch = query_key_value + pass->row_count * MINNOW_PADDED(3 * (size_t)minnow_attention_width(block));
    minnow_linear_run(pass, &block->query_key_value, pass->rows, pass->row_count, MINNOW_IDENTITY, query_key_value);
    for (size_t t = 0; t < pass->text_count; t++)
        for (size_t h = 0; h < block->heads; h++)
            attend_head(pass, block, query_key_value, scratch, pass->shared->spans[t], h);
}
