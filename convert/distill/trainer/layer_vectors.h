/* One vector a text after each encoder block, from its token rows: the first row where the route pools so, else their
 * mean; of unit length where vectors are compared by cosine. What LEAD (arXiv 2212.05225) scores candidates by; models
 * whose first token means nothing, as MiniLM's, need the mean. */
#ifndef MINNOW_TRAINER_LAYER_VECTORS_H
#define MINNOW_TRAINER_LAYER_VECTORS_H

#include "convert/distill/trace.h"

struct minnow_layer_pooling {
    bool first; /* row alone */
    bool unit;  /* length */
};

struct minnow_layer_pooling minnow_layer_pooling_of(const struct minnow_contents *contents, enum minnow_role role);

/* Encoder blocks of a route; layers[i], if layers is not NULL, is where the i-th stands. */
uint32_t minnow_layer_vectors_blocks(const struct minnow_route *route, uint32_t *layers);

/* Of a trace's texts after a layer that is not its last: vectors [texts][width]; lengths [texts], before they are 1. */
void minnow_layer_vectors_take(const struct minnow_trace *trace, uint32_t layer, struct minnow_layer_pooling pooling,
                               float *vectors, float *lengths);
/* gradient: by the vectors, which is changed; false: out of memory. */
bool minnow_layer_vectors_back(struct minnow_trace *trace, uint32_t layer, struct minnow_layer_pooling pooling,
                               const float *vectors, const float *lengths, float *gradient);

#endif
