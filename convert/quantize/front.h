/* What comes before a route's first encoder block: the embedding, which may go on as narrow words made wider by a dense
 * layer, positions and a norm. A stream begins with it. */
#ifndef MINNOW_FRONT_H
#define MINNOW_FRONT_H

#include "convert/quantize/stream.h"
#include "runtime/error.h"

struct minnow_front {
    const struct minnow_layer *layers; /* f32, or as rounding left them */
    uint32_t count;
    struct minnow_effective *linears; /* [count], of the dense layers */
};

/* Layers before the first encoder block; all of them where there is none. */
uint32_t minnow_front_count(const struct minnow_route *route);
/* Of the rows between these layers. */
size_t minnow_front_widest(const struct minnow_layer *layers, uint32_t count);

/* Layers and memory must outlive it. MINNOW_UNSUPPORTED: a layer of another kind. */
enum minnow_status minnow_front_create(const struct minnow_layer *layers, uint32_t count, struct minnow_memory *memory,
                                       struct minnow_front *front, struct minnow_error *error);
/* One text's token rows, to out [count][MINNOW_PADDED(width of the last layer)]. between: room for `count` rows of the
 * widest layer each, as in `room`. */
void minnow_front_run(const struct minnow_front *front, const struct minnow_stream_room *room, const uint32_t *ids,
                      size_t count, float *const between[2], float *out);

#endif
