/* Rows of tokens on their way through a model's blocks, in f32 on the converter's side: what calibration
 * of one layer after another needs, which no session gives. Rows of width w have stride MINNOW_PADDED(w). */
#ifndef MINNOW_STREAM_H
#define MINNOW_STREAM_H

#include "convert/memory.h"
#include "runtime/model/model.h"

/* Texts as tokens: text t has ids [first[t], first[t + 1]). */
struct minnow_token_texts {
    uint32_t *ids;
    size_t *first; /* [count + 1] */
    size_t count, longest;
};

/* The texts' ids, and `copies` more of each in which some words are others, drawn from the vocabulary: calibration
 * texts are few, and these have every word of the model in them. False: out of memory. */
bool minnow_token_texts(const struct minnow_contents *contents, enum minnow_role role, const struct minnow_text *texts,
                        size_t count, size_t copies, struct minnow_memory *memory, struct minnow_token_texts *out);

/* A linear as it works: y = weight (r x) + bias, where r multiplies, rotates and rounds to 8 bits, or, with
 * multiplier NULL, does nothing. */
struct minnow_effective {
    size_t inputs, outputs;
    const float *weight; /* [outputs][inputs] */
    const float *bias;   /* [outputs] or NULL */
    const float *multiplier;
    uint32_t rotation;
};

/* Room for one call. */
struct minnow_stream_room {
    const struct minnow_kernels *kernels;
    float *rotated, *dense, *scores;
    int8_t *rounded;
    struct minnow_row_quantization *quantization;
};
bool minnow_stream_room_take(const struct minnow_kernels *kernels, size_t rows, size_t widest, size_t longest,
                             struct minnow_memory *memory, struct minnow_stream_room *room);

/* Rows of the linear's inputs as its weights meet them, dense: [rows][inputs]. */
void minnow_stream_meet(const struct minnow_stream_room *room, const struct minnow_effective *linear, bool round,
                        const float *in, size_t rows, float *out);
void minnow_stream_linear(const struct minnow_stream_room *room, const struct minnow_effective *linear, const float *in,
                          size_t rows, float *out);
/* One text's attention, from rows that hold query, key and value, `all` columns each. */
void minnow_stream_attention(const struct minnow_stream_room *room, const float *query_key_value, size_t tokens,
                             size_t all, size_t heads, float *out);

#endif
