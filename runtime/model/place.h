/* Where in a model something is: "routes.0.layers.3.ffn_up". A chain on the stack, from the inside
 * out, that costs nothing until there is an error to write. Internal. */
#ifndef MINNOW_PLACE_H
#define MINNOW_PLACE_H

#include "runtime/error.h"

enum { MINNOW_NO_INDEX = -1 };

struct minnow_place {
    const struct minnow_place *parent; /* NULL at the top */
    const char *name;
    int64_t index; /* of an element of `name`, or MINNOW_NO_INDEX */
};

/* minnow_fail with the place in front: "routes.0.layers.3.ffn_up: scale[17] is NaN". */
enum minnow_status minnow_fail_at(struct minnow_error *error, enum minnow_status status,
                                  const struct minnow_place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
