#include "convert/distill/layers/attention.h"

#include <math.h>
#include <string.h>

#include "convert/blas.h"
#include "convert/distill/layers/lanes.h"

/* One head of one text; Q, K and V are its columns in rows of query_key_value. */
struct head {
    const struct minnow_kernels *kernels;
    int rows, seen, width;             /* of queries, of keys and values, columns */
    int in_stride, out_stride, stride; /* of query_key_value, of context, of weights */
    float scale;
    size_t all; /* columns of queries, of keys, of values */
};

static size_t text_floats(struct minnow_span span) { return span.count * MINNOW_PADDED(span.seen); }

size_t minnow_train_attention_floats(const struct minnow_encoder_block *block, const struct minnow_batch *batch) {
    size_t count = 0;
    for (size_t i = 0; i < batch->text_count; i++) count += block->heads * text_floats(batch->spans[i]);
    return count;
}

static struct head head_of(const struct minnow_encoder_block *block, const struct minnow_trace *trace,
                           struct minnow_span span) {
    size_t all = minnow_attention_width(block), width = all / block->heads;
    return (struct head){.kernels = trace->kernels,
                         .rows = (int)span.count,
                         .seen = (int)span.seen,
                         .width = (int)width,
                         .in_stride = 3 * (int)all,
                         .out_stride = (int)all,
                         .stride = (int)MINNOW_PADDED(span.seen),
                         .scale = 1.0f / sqrtf((float)width),
                         .all = all};
}

/* P = softmax(scale Q K^T); C = P V. */
static void attend(const struct head *head, const float *query, float *weights, float *context) {
    const float *key = query + head->all, *value = key + head->all;
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, head->rows, head->seen, head->width, 1, query,
                         head->in_stride, key, head->in_stride, 0, weights, head->stride);
    head->kernels->softmax_rows(weights, (size_t)head->stride, (size_t)head->rows, (size_t)head->seen, head->scale);
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, head->rows, head->width, head->seen, 1, weights,
                         head->stride, value, head->in_stride, 0, context, head->out_stride);
}

/* dS = scale P (dP - (dP P)), row by row, in place of dP. */
static void softmax_back(const struct head *head, const float *weights, float *gradient) {
    size_t seen = (size_t)head->seen;
    for (int r = 0; r < head->rows; r++, weights += head->stride, gradient += head->stride) {
        float along = minnow_row_dot(weights, gradient, seen);
        for (size_t i = 0; i < seen; i++) gradient[i] = head->scale * weights[i] * (gradient[i] - along);
    }
}

/* dV = P^T dC; dP = dC V^T; dQ = dS K; dK = dS^T Q. */
static void attend_back(const struct head *head, const float *query, const float *weights,
                        const float *context_gradient, float *scratch, float *query_gradient) {
    const float *key = query + head->all, *value = key + head->all;
    float *key_gradient = query_gradient + head->all, *value_gradient = key_gradient + head->all;
    int rows = head->rows, seen = head->seen, width = head->width;
    minnow_blas()->sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, seen, width, rows, 1, weights, head->stride,
                         context_gradient, head->out_stride, 0, value_gradient, head->in_stride);
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, seen, width, 1, context_gradient,
                         head->out_stride, value, head->in_stride, 0, scratch, head->stride);
    softmax_back(head, weights, scratch);
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, width, seen, 1, scratch, head->stride, key,
                         head->in_stride, 0, query_gradient, head->in_stride);
    minnow_blas()->sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, seen, width, rows, 1, scratch, head->stride, query,
                         head->in_stride, 0, key_gradient, head->in_stride);
}

static void clear_rows(float *rows, size_t count, size_t stride, size_t width) {
    for (size_t r = 0; r < count; r++) memset(rows + r * stride, 0, width * sizeof *rows);
}

void minnow_train_attention(const struct minnow_encoder_block *block, const struct minnow_trace *trace,
                            const float *query_key_value, float *weights, float *context) {
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        struct minnow_span span = trace->batch.spans[i];
        struct head head = head_of(block, trace, span);
        if (span.seen == 0) clear_rows(context + span.first * head.all, span.count, head.all, head.all);
        for (size_t h = 0; span.seen && h < block->heads; h++, weights += text_floats(span))
            attend(&head, query_key_value + span.first * 3 * head.all + h * (size_t)head.width, weights,
                   context + span.first * head.all + h * (size_t)head.width);
    }
}

/* Nobody looks at keys and values of rows that are not seen. */
static void text_back(const struct minnow_encoder_block *block, const struct minnow_trace *trace,
                      struct minnow_span span, const float *query_key_value, const float *weights,
                      const float *context_gradient, float *scratch, float *gradient) {
    struct head head = head_of(block, trace, span);
    size_t stride = 3 * head.all, width = (size_t)head.width;
    clear_rows(gradient + span.seen * stride, span.count - span.seen, stride, stride);
    if (span.seen == 0) return;
    for (size_t h = 0; h < block->heads; h++)
        attend_back(&head, query_key_value + h * width, weights + h * text_floats(span), context_gradient + h * width,
                    scratch, gradient + h * width);
}

void minnow_train_attention_back(const struct minnow_encoder_block *block, const struct minnow_trace *trace,
                                 const float *query_key_value, const float *weights, const float *context_gradient,
                                 float *scratch, float *gradient) {
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        struct minnow_span span = trace->batch.spans[i];
        size_t at = span.first * (size_t)minnow_attention_width(block);
        text_back(block, trace, span, query_key_value + 3 * at, weights, context_gradient + at, scratch,
                  gradient + 3 * at);
        weights += block->heads * text_floats(span);
    }
}
