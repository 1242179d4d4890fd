/* What a layer is to the session: how much room it needs, and how it runs.
 *
 * Rows of width w have stride MINNOW_PADDED(w). A pass carries the current rows from layer to
 * layer: first one row a token, after pooling one row a text. */
#ifndef MINNOW_LAYER_H
#define MINNOW_LAYER_H

#include "runtime/linear.h"
#include "runtime/model/model.h"
#include "runtime/parallel.h"

/* Room for one pass, in elements; each layer raises what it needs. */
struct minnow_plan {
    size_t rows;        /* tokens at once */
    size_t max_tokens;  /* of one text */
    size_t row_width;   /* of the rows passed on, and of `spare` */
    size_t wide_width;  /* of `wide` */
    size_t input_width; /* of rows to quantize */
    size_t lane_floats; /* scratch of each thread */
};

/* The token rows of one text. */
struct minnow_span {
    uint32_t first, count;
};

struct minnow_pass {
    const struct minnow_kernels *kernels;
    struct minnow_threads *threads;
    struct minnow_linear_runner *linears;
    const uint32_t *ids;               /* [token_count] */
    const uint32_t *positions;         /* [token_count] within their text */
    const struct minnow_span *spans;   /* [text_count] */
    size_t token_count, text_count;
    float *rows, *spare, *wide;        /* current rows; two buffers to compute the next in */
    size_t row_count, width;           /* of the current rows */
    float *lane_scratch;
    size_t lane_floats;
};

struct minnow_layer_operations {
    void (*plan)(const struct minnow_layer *layer, struct minnow_plan *plan);
    void (*run)(const struct minnow_layer *layer, struct minnow_pass *pass);
    /* Call visit(context, linear) for each linear of the layer; NULL when it has none. */
    void (*linears)(const struct minnow_layer *layer, minnow_linear_visit_fn *visit, void *context);
};

/* By kind; NULL for a kind that does not exist. */
const struct minnow_layer_operations *minnow_layer_operations(enum minnow_layer_kind kind);

extern const struct minnow_layer_operations minnow_embedding_operations, minnow_encoder_block_operations,
    minnow_pool_operations, minnow_dense_operations, minnow_normalize_operations;

/* Shared by layers. */
void minnow_plan_raise(size_t *room, size_t needed);
/* Make `spare`, which now holds rows of `width`, the current rows. */
void minnow_pass_swap(struct minnow_pass *pass, size_t row_count, size_t width);
/* Run body(context, first row, rows) over all rows in chunks that stay in a core's cache. */
typedef void minnow_rows_fn(void *context, size_t first, size_t rows);
void minnow_pass_chunks(struct minnow_pass *pass, size_t rows, minnow_rows_fn *body, void *context);
/* rows = norm(rows of `in` + residual), residual may be NULL; all of the norm's width. */
void minnow_pass_layer_norm(struct minnow_pass *pass, const struct minnow_layer_norm *norm, const float *in,
                            const float *residual, size_t rows, float *out);

#endif
