/* A pass: some texts on their way through the layers, as one lane (thread) sees it.
 *
 * Rows of width w have stride MINNOW_PADDED(w). First there is one row a token, after pooling one row a text. Where
 * several lanes share a pass, they divide the rows, each computing its own all the way (only attention looks at the
 * others'); when there are few rows, every lane keeps a copy of all rows and they divide the outputs of each linear
 * layer, so that no lane reads all weights. The bits do not depend on it. */
#ifndef MINNOW_PASS_H
#define MINNOW_PASS_H

#include "runtime/model/model.h"
#include "runtime/parallel.h"

enum {
    MINNOW_CHUNK_ROWS = 64,        /* computed at once from layer to layer: they stay in a core's cache */
    MINNOW_FEW_ROWS = 16,          /* a lane: with no more than that, outputs are divided */
    MINNOW_ROTATED_ROWS = 8        /* rotated at once, at most */
};

/* Room for one pass, in elements; each layer raises what it needs. */
struct minnow_plan {
    size_t tokens;          /* at once */
    size_t max_tokens;      /* of one text */
    size_t chunk_rows;      /* of `spare` and `wide` */
    size_t row_width;       /* of the rows passed on, and of `spare` */
    size_t wide_width;      /* of `wide` */
    size_t input_width;     /* of rows to quantize */
    size_t scratch_bytes;   /* of one layer, that it lays out itself */
    size_t kept_width;      /* of rows that are kept for a later layer; 0: none */
    size_t unpacked_bytes;  /* of s4 weights on their way into products */
};

/* The token rows of one text, of which attention looks at the first `seen`; of a pair, the query's `query` rows come
 * first (0: no pair). */
struct minnow_span {
    uint32_t first, count, seen, query;
};

/* The memory of one lane. */
struct minnow_lane {
    uint32_t *ids, *positions, *types; /* [tokens + 2 * longest text]; positions as the role counts them */
    struct minnow_span *spans;  /* [tokens] */
    size_t *texts;              /* [tokens]: which of the caller's texts each is */
    float *kept;                /* [tokens][kept width] */
    float *similarities;        /* [longest text]: of a token to those of another text */
    float *rows, *other;        /* [tokens][row width] */
    int8_t *quantized;          /* [tokens][row width]: what attention reads */
    struct minnow_row_quantization *quantization;
    float *spare, *wide;        /* [chunk rows][row width], [chunk rows][wide width] */
    float *rotated;             /* [MINNOW_ROTATED_ROWS][input width] */
    int8_t *inputs;             /* [chunk rows][input width]: quantized inputs of a linear layer */
    struct minnow_row_quantization *input_quantization;
    int8_t *unpacked;
    void *scratch;
};

struct minnow_linear_f32;

/* Sees the input rows of every linear, before it runs (calibration). */
typedef void minnow_linear_observer_fn(void *context, const struct minnow_linear *linear, const float *rows,
                                       size_t row_count, size_t stride);

struct minnow_observer {
    minnow_linear_observer_fn *observe; /* or NULL */
    void *context;
};

struct minnow_pass {
    const struct minnow_kernels *kernels;
    const struct minnow_linear_f32 *f32; /* prepared f32 linears, which use `pool` */
    struct pthreadpool *pool;
    const struct minnow_observer *observer;
    struct minnow_threads *threads; /* that share this pass; NULL: this lane is alone */
    size_t lane, lanes;
    bool divide_outputs;
    bool finished;                  /* the other lanes' part is over */
    struct minnow_lane *own, *shared; /* memory of this lane, and of lane 0 */
    size_t token_count, text_count;
    float *rows;                    /* current rows: shared, or each lane's own copy where outputs are divided */
    float *other;                   /* to compute the next in; shared */
    struct minnow_range mine;       /* the rows that this lane computes */
    size_t row_count, width;        /* of the current rows */
};

/* Take part in the pass over the tokens in the shared lane's memory. */
void minnow_pass_begin(struct minnow_pass *pass);
/* Wait for the other lanes, if there are any. */
void minnow_pass_wait(const struct minnow_pass *pass);
/* The same where rows are divided; who has all rows itself need not. */
void minnow_pass_wait_for_rows(const struct minnow_pass *pass);
/* What follows is little work: lane 0 goes on alone with all rows, the others are finished. */
void minnow_pass_go_alone(struct minnow_pass *pass);
/* Make `other`, which now holds `row_count` rows of `width`, the current rows; where there are as many as before, a
 * lane's own stay its own. */
void minnow_pass_swap(struct minnow_pass *pass, size_t row_count, size_t width);
/* This lane's share of a linear layer's outputs. */
struct minnow_range minnow_pass_outputs(const struct minnow_pass *pass, size_t outputs);

#endif
