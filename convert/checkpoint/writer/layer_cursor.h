/* The layers of a route, taken one after the other by the writer of a layout. */
#ifndef MINNOW_LAYER_CURSOR_H
#define MINNOW_LAYER_CURSOR_H

#include "runtime/model/model.h"

struct minnow_layer_cursor {
    const struct minnow_contents *contents;
    uint32_t route; /* index */
    uint32_t at;    /* layers taken */
    const char *layout; /* for errors: "sentence-transformers" */
};

/* At the beginning of the one route that both roles have; MINNOW_UNSUPPORTED where they have one each. */
enum minnow_status minnow_cursor_begin_shared(const struct minnow_contents *contents, const char *layout,
                                              struct minnow_layer_cursor *cursor, struct minnow_error *error);
/* The next layer; NULL: there is none. */
const struct minnow_layer *minnow_cursor_next(const struct minnow_layer_cursor *cursor);
bool minnow_cursor_is_at(const struct minnow_layer_cursor *cursor, enum minnow_layer_kind kind);
/* Take the next layer, which must be of the kind. */
enum minnow_status minnow_cursor_take(struct minnow_layer_cursor *cursor, enum minnow_layer_kind kind,
                                      const struct minnow_layer **layer, struct minnow_error *error);
/* A dense layer with this activation, and with a bias (1), without (0), or either (-1). */
enum minnow_status minnow_cursor_take_dense(struct minnow_layer_cursor *cursor, enum minnow_activation activation,
                                            int bias, const struct minnow_linear **linear, struct minnow_error *error);
enum minnow_status minnow_cursor_take_pool(struct minnow_layer_cursor *cursor, enum minnow_pooling pooling,
                                           struct minnow_error *error);
/* There must be no more. */
enum minnow_status minnow_cursor_end(const struct minnow_layer_cursor *cursor, struct minnow_error *error);
/* MINNOW_UNSUPPORTED: the layout has the next layer not like this. `expected`: what it has in its place. */
enum minnow_status minnow_cursor_refuse(const struct minnow_layer_cursor *cursor, const char *expected,
                                        struct minnow_error *error);

#endif
