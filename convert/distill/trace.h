/* One batch on its way through the layers of a route, there and back.
 *
 * Rows of width w lie one behind the other, w floats each: first one a token, after pooling one a text. A layer keeps
 * on the tape what its way back needs. Both ways go in ranges of layers, so that a caller can read the rows after any
 * layer, and add to the gradient there. */
#ifndef MINNOW_TRACE_H
#define MINNOW_TRACE_H

#include "convert/distill/batch.h"
#include "convert/distill/gradients.h"
#include "convert/distill/tape.h"

/* A layer that has run. */
struct minnow_step {
    struct minnow_tape_mark mark; /* before it */
    const float *rows;            /* what came in */
    size_t row_count, width;
    void *saved; /* what the layer needs on its way back */
};

/* Memory that is as large as anything asked so far. */
struct minnow_room {
    float *floats;
    size_t count;
};

/* All zeros but for the kernels is a trace that may begin. */
struct minnow_trace {
    const struct minnow_kernels *kernels; /* of the runtime: both compute the same */
    struct minnow_batch batch;
    struct minnow_tape tape;
    const float *rows; /* [row_count][width]: of the last layer that ran */
    size_t row_count, width;
    float *gradient;                    /* of the same shape: of the loss by these rows */
    const float *kept;                  /* what the last keep layer saw */
    float *kept_gradient;               /* what mix layers have given it so far; NULL: nothing */
    struct minnow_gradients *gradients; /* on the way back */
    struct minnow_step *steps;          /* [step_count], by layer */
    size_t step_count;
    uint32_t ran;  /* layers that have run */
    float **added; /* [step_count]: see minnow_trace_gradient_after; NULL: nothing */
    struct minnow_tape added_tape;
    struct minnow_room room[3]; /* gradient, next gradient, kept gradient */
};

/* The batch's tokens, before any layer. Whatever an earlier batch left is gone. */
void minnow_trace_begin(struct minnow_trace *trace, struct minnow_batch batch);
/* The same with rows in place of tokens, for a route that has no embedding: [batch.token_count][width], which stay the
 * caller's. */
void minnow_trace_begin_rows(struct minnow_trace *trace, struct minnow_batch batch, const float *rows, size_t width);

/* Layers `first` to `end` - 1. A range begins where the one before it ended. */
enum minnow_status minnow_trace_forward(struct minnow_trace *trace, const struct minnow_route *route, uint32_t first,
                                        uint32_t end, struct minnow_error *error);

/* The gradient of the last rows, all 0, for the caller to fill in; NULL: out of memory. */
float *minnow_trace_start_back(struct minnow_trace *trace);

/* After the pass forward: a gradient of the rows that came out of a layer, all 0, for a loss that looks at these rows
 * to fill in; it is added on the way back. What came out of layer i came into layer i + 1 (steps). NULL: out of memory.
 */
float *minnow_trace_gradient_after(struct minnow_trace *trace, uint32_t layer);

/* The same layers back, from `end` - 1 down to `first`: adds to `gradients`, the route's by its index, and leaves the
 * rows as they were before `first`, with their gradient. Before an embedding there are no rows, and no gradient. */
enum minnow_status minnow_trace_backward(struct minnow_trace *trace, uint32_t route, struct minnow_gradients *gradients,
                                         uint32_t first, uint32_t end, struct minnow_error *error);

void minnow_trace_free(struct minnow_trace *trace);

/* ---- For layers ---- */

/* Room for the rows that a layer makes, which are the trace's from now on; NULL: out of memory. */
float *minnow_trace_put_rows(struct minnow_trace *trace, size_t row_count, size_t width);
/* Room for the gradient of what came in; NULL: out of memory. It becomes the trace's with minnow_trace_pass_back. */
float *minnow_trace_next_gradient(struct minnow_trace *trace, size_t count);
void minnow_trace_pass_back(struct minnow_trace *trace);
/* The kept rows' gradient, 0 at first; NULL: out of memory. */
float *minnow_trace_kept_gradient(struct minnow_trace *trace, size_t count);

#endif
