#include "runtime/layers/layer.h"

const struct minnow_layer_operations *minnow_layer_operations(enum minnow_layer_kind kind) {
    switch (kind) {
    case MINNOW_LAYER_EMBEDDING: return &minnow_embedding_operations;
    case MINNOW_LAYER_ENCODER_BLOCK: return &minnow_encoder_block_operations;
    case MINNOW_LAYER_POOL: return &minnow_pool_operations;
    case MINNOW_LAYER_DENSE: return &minnow_dense_operations;
    case MINNOW_LAYER_NORMALIZE: return &minnow_normalize_operations;
    }
    return NULL;
}

void minnow_plan_raise(size_t *room, size_t needed) {
    if (*room < needed) *room = needed;
}

void minnow_pass_swap(struct minnow_pass *pass, size_t row_count, size_t width) {
    float *previous = pass->rows;
    pass->rows = pass->spare;
    pass->spare = previous;
    pass->row_count = row_count;
    pass->width = width;
}

struct chunks {
    minnow_rows_fn *body;
    void *context;
    size_t rows;
};

static void run_chunk(void *context, size_t lane, size_t item) {
    (void)lane;
    const struct chunks *chunks = context;
    size_t first = item * MINNOW_CHUNK_ROWS, left = chunks->rows - first;
    chunks->body(chunks->context, first, left < MINNOW_CHUNK_ROWS ? left : MINNOW_CHUNK_ROWS);
}

void minnow_pass_chunks(struct minnow_pass *pass, size_t rows, minnow_rows_fn *body, void *context) {
    struct chunks chunks = {body, context, rows};
    minnow_parallel(pass->threads, (rows + MINNOW_CHUNK_ROWS - 1) / MINNOW_CHUNK_ROWS, run_chunk, &chunks);
}

struct norm_rows {
    const struct minnow_kernels *kernels;
    const struct minnow_layer_norm *norm;
    const float *in, *residual;
    float *out;
};

static void norm_chunk(void *context, size_t first, size_t rows) {
    const struct norm_rows *job = context;
    size_t stride = MINNOW_PADDED(job->norm->width);
    job->kernels->layer_norm_rows(job->in + first * stride, job->residual ? job->residual + first * stride : NULL,
                                  stride, rows, job->norm->width, job->norm->gamma, job->norm->beta,
                                  job->norm->epsilon, job->out + first * stride);
}

void minnow_pass_layer_norm(struct minnow_pass *pass, const struct minnow_layer_norm *norm, const float *in,
                            const float *residual, size_t rows, float *out) {
    struct norm_rows job = {pass->kernels, norm, in, residual, out};
    minnow_pass_chunks(pass, rows, norm_chunk, &job);
}
