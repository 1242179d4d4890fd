#include "runtime/layers/attention.h"

#include <math.h>
#include <string.h>

/* Rows of scores computed at once: they stay in the first-level cache. */
enum { QUERY_ROWS = 32 };

/* One head of one text, and where this thread computes it. */
struct head {
    const struct minnow_kernels *kernels;
    const float *query, *key, *value; /* first row of the head's columns */
    float *out;
    size_t in_stride, out_stride, tokens, width;
    float *transposed_key; /* [width][padded tokens] */
    float *scores;         /* [QUERY_ROWS][padded tokens] */
    float *context;        /* [QUERY_ROWS][padded width] */
};

size_t minnow_attention_scratch(size_t tokens, size_t head_width) {
    size_t padded_tokens = MINNOW_PADDED(tokens);
    return head_width * padded_tokens + QUERY_ROWS * padded_tokens + QUERY_ROWS * MINNOW_PADDED(head_width);
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

struct job {
    struct minnow_pass *pass;
    const float *query_key_value;
    float *out;
    size_t hidden, heads;
};

static void attend_head(void *context, size_t lane, size_t item) {
    const struct job *job = context;
    const struct minnow_pass *pass = job->pass;
    struct minnow_span span = pass->spans[item / job->heads];
    size_t width = job->hidden / job->heads, column = item % job->heads * width;
    struct head head = {.kernels = pass->kernels,
                        .in_stride = MINNOW_PADDED(3 * job->hidden),
                        .out_stride = MINNOW_PADDED(job->hidden),
                        .tokens = span.count,
                        .width = width};
    head.query = job->query_key_value + span.first * head.in_stride + column;
    head.key = head.query + job->hidden;
    head.value = head.key + job->hidden;
    head.out = job->out + span.first * head.out_stride + column;
    head.transposed_key = pass->lane_scratch + lane * pass->lane_floats;
    head.scores = head.transposed_key + width * MINNOW_PADDED(head.tokens);
    head.context = head.scores + QUERY_ROWS * MINNOW_PADDED(head.tokens);
    transpose_key(&head);
    for (size_t first = 0; first < head.tokens; first += QUERY_ROWS) {
        size_t left = head.tokens - first;
        attend_rows(&head, first, left < QUERY_ROWS ? left : QUERY_ROWS);
    }
}

void minnow_attention_run(struct minnow_pass *pass, const float *query_key_value, size_t hidden, size_t heads,
                          float *out) {
    struct job job = {pass, query_key_value, out, hidden, heads};
    minnow_parallel(pass->threads, pass->text_count * heads, attend_head, &job);
}
