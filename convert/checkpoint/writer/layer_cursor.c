#include "convert/checkpoint/writer/layer_cursor.h"

#include <stdio.h>

static const char *const kind_names[] = {
    [MINNOW_LAYER_EMBEDDING] = "an embedding",
    [MINNOW_LAYER_ENCODER_BLOCK] = "an encoder block",
    [MINNOW_LAYER_POOL] = "a pooling",
    [MINNOW_LAYER_DENSE] = "a dense layer",
    [MINNOW_LAYER_NORMALIZE] = "a normalization",
    [MINNOW_LAYER_POSITIONS] = "positions",
    [MINNOW_LAYER_KEEP] = "a keep layer",
    [MINNOW_LAYER_MIX] = "a mix layer",
    [MINNOW_LAYER_LSTM] = "an LSTM",
    [MINNOW_LAYER_CONVOLUTION] = "a convolution",
    [MINNOW_LAYER_KERNEL_POOLING] = "a kernel pooling",
    [MINNOW_LAYER_COMPARE] = "a comparison",
    [MINNOW_LAYER_NORM] = "a layer norm",
};

enum minnow_status minnow_cursor_begin_shared(const struct minnow_contents *contents, const char *layout,
                                              struct minnow_layer_cursor *cursor, struct minnow_error *error) {
    const uint32_t *routes = contents->route_of_role;
    *cursor = (struct minnow_layer_cursor){.contents = contents, .route = routes[MINNOW_QUERY], .layout = layout};
    if (routes[MINNOW_DOCUMENT] == routes[MINNOW_QUERY]) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "routes: queries and documents have a route each, expected one for both: checkpoints of %s have "
                       "no place for two",
                       layout);
}

const struct minnow_layer *minnow_cursor_next(const struct minnow_layer_cursor *cursor) {
    const struct minnow_route *route = &cursor->contents->routes[cursor->route];
    return cursor->at < route->layer_count ? &route->layers[cursor->at] : NULL;
}

bool minnow_cursor_is_at(const struct minnow_layer_cursor *cursor, enum minnow_layer_kind kind) {
    const struct minnow_layer *layer = minnow_cursor_next(cursor);
    return layer && layer->kind == kind;
}

enum minnow_status minnow_cursor_refuse(const struct minnow_layer_cursor *cursor, const char *expected,
                                        struct minnow_error *error) {
    const struct minnow_layer *layer = minnow_cursor_next(cursor);
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "routes.%u.layers.%u: is %s, expected %s: checkpoints of %s have no place for it", cursor->route,
                       cursor->at, layer ? kind_names[layer->kind] : "missing", expected, cursor->layout);
}

enum minnow_status minnow_cursor_take(struct minnow_layer_cursor *cursor, enum minnow_layer_kind kind,
                                      const struct minnow_layer **layer, struct minnow_error *error) {
    if (!minnow_cursor_is_at(cursor, kind)) return minnow_cursor_refuse(cursor, kind_names[kind], error);
    *layer = minnow_cursor_next(cursor);
    cursor->at++;
    return MINNOW_OK;
}

enum minnow_status minnow_cursor_take_dense(struct minnow_layer_cursor *cursor, enum minnow_activation activation,
                                            int bias, const struct minnow_linear **linear,
                                            struct minnow_error *error) {
    static const char *const activations[] = {"no activation", "GELU", "ReLU", "tanh", "sigmoid"};
    const struct minnow_layer *layer = minnow_cursor_next(cursor);
    bool fits = minnow_cursor_is_at(cursor, MINNOW_LAYER_DENSE) && layer->dense.activation == activation &&
                (bias < 0 || (layer->dense.linear.bias != NULL) == bias);
    char expected[64];
    snprintf(expected, sizeof expected, "a dense layer with %s and %s bias", activations[activation],
             bias < 0 ? "any" : bias ? "a" : "no");
    if (!fits) return minnow_cursor_refuse(cursor, expected, error);
    *linear = &layer->dense.linear;
    cursor->at++;
    return MINNOW_OK;
}

enum minnow_status minnow_cursor_take_pool(struct minnow_layer_cursor *cursor, enum minnow_pooling pooling,
                                           struct minnow_error *error) {
    static const char *const expected[] = {"a pooling of the first token", "a pooling by the mean",
                                           "a pooling by the maximum"};
    const struct minnow_layer *layer = minnow_cursor_next(cursor);
    if (!minnow_cursor_is_at(cursor, MINNOW_LAYER_POOL) || layer->pool.pooling != pooling)
        return minnow_cursor_refuse(cursor, expected[pooling], error);
    cursor->at++;
    return MINNOW_OK;
}

enum minnow_status minnow_cursor_end(const struct minnow_layer_cursor *cursor, struct minnow_error *error) {
    return minnow_cursor_next(cursor) ? minnow_cursor_refuse(cursor, "none", error) : MINNOW_OK;
}
