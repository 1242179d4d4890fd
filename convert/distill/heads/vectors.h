/* What a similarity compares: the rows of some texts, gathered from the traces of all workers. */
#ifndef MINNOW_VECTORS_H
#define MINNOW_VECTORS_H

#include "convert/distill/trace.h"

/* Text t, counted over all traces, has rows first[t] to first[t + 1] - 1. */
struct minnow_vectors {
    size_t trace_count, text_count, width;
    const size_t *texts;     /* [trace_count + 1]: where a trace's texts begin */
    const size_t *first;     /* [text_count + 1] */
    const uint32_t *sources; /* [first[text_count]]: the row of the text's trace */
    const float *rows;       /* [first[text_count]][width] */
    float *gradient;         /* of the same shape, 0 at first */
};

/* From the last rows of traces that went through one route. `pools`: a row a text; else a row a token, but for those
 * that the input skips. Everything is taken from `tape`; false: out of memory. */
bool minnow_vectors_gather(struct minnow_trace *const *traces, size_t trace_count, bool pools,
                           const struct minnow_input *input, struct minnow_tape *tape, struct minnow_vectors *vectors);

/* The gradient as that of trace `index`, which then can go back; false: out of memory. */
bool minnow_vectors_scatter(const struct minnow_vectors *vectors, size_t index, struct minnow_trace *trace);

static inline size_t minnow_vectors_count(const struct minnow_vectors *vectors, size_t text) {
    return vectors->first[text + 1] - vectors->first[text];
}
static inline const float *minnow_vectors_rows(const struct minnow_vectors *vectors, size_t text) {
    return vectors->rows + vectors->first[text] * vectors->width;
}
static inline float *minnow_vectors_gradient(const struct minnow_vectors *vectors, size_t text) {
    return vectors->gradient + vectors->first[text] * vectors->width;
}

#endif
