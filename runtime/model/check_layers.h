/* The meaning of one layer. Internal. */
#ifndef MINNOW_CHECK_LAYERS_H
#define MINNOW_CHECK_LAYERS_H

#include "runtime/model/model.h"
#include "runtime/model/place.h"

/* What flows from layer to layer. */
struct minnow_flow {
    uint32_t width;      /* of a row; 0 before the embedding */
    bool pooled;         /* one row a text, no longer one a token */
    bool pairs;          /* rows of a query, then rows of a document */
    uint32_t kept_width; /* of the rows that mix will see; 0: none are kept */
    uint64_t widest;     /* of rows passed on */
    uint64_t wide;       /* of what a layer computes inside */
};

/* What the texts of a route ask of its tables. */
struct minnow_demand {
    uint32_t positions, types; /* rows */
};

/* Check `layer` behind `flow`, and let it flow on. */
enum minnow_status minnow_check_layer(const struct minnow_layer *layer, const struct minnow_place *place,
                                      const struct minnow_demand *demand, struct minnow_flow *flow,
                                      struct minnow_error *error);

/* `count` numbers are there and finite; the error says "name[17] is NaN". */
enum minnow_status minnow_check_finite(const float *numbers, size_t count, const struct minnow_place *place,
                                       const char *name, struct minnow_error *error);

/* The inputs of both roles; the tokenizers and the routes' indexes are in order. */
enum minnow_status minnow_check_inputs(const struct minnow_contents *contents, struct minnow_error *error);

/* Golden texts: the routes and inputs are in order. */
enum minnow_status minnow_check_golden(const struct minnow_contents *contents, struct minnow_error *error);

#endif
