/* Every trained number of a model's layers, in one order. */
#ifndef MINNOW_TRAINED_WEIGHTS_H
#define MINNOW_TRAINED_WEIGHTS_H

#include "runtime/model/model.h"

/* Numbers that are trained together. */
struct minnow_weights {
    const char *name;  /* within its layer: "ffn_up.weight" */
    const float *data; /* [count] */
    size_t count;
    uint32_t row_width; /* of a table whose rows are looked up; 0: no such table */
    bool decays;        /* matrices and tables do, biases, norms and single factors do not */
    bool in_layer;      /* data is a number in the layer itself */
};

/* Weights of a layer of one's own. */
static inline float *minnow_writable(const void *weights) { return (float *)(uintptr_t)weights; }

/* Returns where the numbers are from now on; what is returned for one in the layer does not count. */
typedef float *minnow_weights_visit_fn(void *context, const struct minnow_weights *weights);

/* Visit everything that is trained in a layer of f32 weights, always in the same order. */
void minnow_visit_weights(struct minnow_layer *layer, minnow_weights_visit_fn *visit, void *context);

/* Routes and layers of a model of one's own, whose weights are still another's. */
struct minnow_shape {
    struct minnow_route routes[MINNOW_MAX_ROUTES];
    struct minnow_layer *layers[MINNOW_MAX_ROUTES];
};

struct minnow_memory;
/* False: out of memory. Routes that have the same layers share them here, too. */
bool minnow_shape_copy(const struct minnow_contents *contents, struct minnow_memory *memory,
                       struct minnow_shape *shape);

/* A route before this one has the same layers. */
bool minnow_shape_repeats(const struct minnow_shape *shape, uint32_t route);

#endif
