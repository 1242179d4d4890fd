/* The meaning of one layer. Internal. */
#ifndef MINNOW_CHECK_LAYERS_H
#define MINNOW_CHECK_LAYERS_H

#include "runtime/model/model.h"
#include "runtime/model/place.h"

/* What flows from layer to layer. */
struct minnow_flow {
    uint32_t width;  /* of a row; 0 before the embedding */
    bool pooled;     /* one row a text, no longer one a token */
    uint64_t widest; /* of rows passed on */
    uint64_t wide;   /* of what a block computes inside */
};

/* Check `layer` behind `flow`, and let it flow on. max_tokens: of the route. */
enum minnow_status minnow_check_layer(const struct minnow_layer *layer, const struct minnow_place *place,
                                      uint32_t max_tokens, struct minnow_flow *flow, struct minnow_error *error);

/* `count` numbers are there and finite; the error says "name[17] is NaN". */
enum minnow_status minnow_check_finite(const float *numbers, size_t count, const struct minnow_place *place,
                                       const char *name, struct minnow_error *error);

#endif
