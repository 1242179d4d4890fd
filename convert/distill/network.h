/* A network under training: f32 contents whose weights lie in memory of its own, and a list of them.
 *
 * The contents are what the rest of Minnow takes: the quantizer, the writers and a session see the weights as they are
 * at that moment. */
#ifndef MINNOW_NETWORK_H
#define MINNOW_NETWORK_H

#include "convert/distill/weights.h"
#include "convert/memory.h"
#include "runtime/error.h"

/* What routes share is one parameter, named after its first place. */
struct minnow_parameter {
    const char *name; /* as in errors: "routes.0.layers.3.ffn_up.weight" */
    float *value;     /* [count] */
    size_t count;
    uint32_t row_width; /* of a table whose rows are looked up; 0: no such table */
    bool decays, in_layer;
};

struct minnow_network {
    struct minnow_contents contents; /* without golden texts: they would no longer hold */
    struct minnow_shape shape;       /* the contents' routes and layers */
    struct minnow_parameter *parameters;
    size_t parameter_count, parameter_room;
};

/* A network that begins with the weights of f32 contents; everything is taken from `memory`. Tokenizers, descriptions
 * and what is not trained stay the caller's, and must outlive the network. MINNOW_UNSUPPORTED: weights of 8 or 4 bits.
 */
enum minnow_status minnow_network_create(const struct minnow_contents *contents, struct minnow_memory *memory,
                                         struct minnow_network *network, struct minnow_error *error);

/* A parameter that no layer has, as the scale of scores: numbers of the caller's, which stay where they are. Its index,
 * by which gradients have it, is the count before. Before gradients and an optimizer are made; at most
 * MINNOW_OTHER_PARAMETERS; false: there are more, or memory ran out. */
enum { MINNOW_OTHER_PARAMETERS = 8 };
bool minnow_network_add(struct minnow_network *network, const char *name, float *value, size_t count,
                        struct minnow_memory *memory);

/* Numbers of all parameters. */
size_t minnow_network_size(const struct minnow_network *network);

#endif
