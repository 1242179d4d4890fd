/* Which route does what. */
#include "runtime/model/model.h"

const struct minnow_route *minnow_route_of(const struct minnow_contents *contents, enum minnow_role role) {
    uint32_t route = contents->route_of_role[role];
    return route == MINNOW_NO_ROUTE ? NULL : &contents->routes[route];
}

const struct minnow_route *minnow_joint_route(const struct minnow_contents *contents) {
    return contents->joint_route == MINNOW_NO_ROUTE ? NULL : &contents->routes[contents->joint_route];
}

const struct minnow_tokenizer *minnow_tokenizer_of(const struct minnow_contents *contents, enum minnow_role role) {
    return &contents->tokenizers[contents->inputs[role].tokenizer];
}

bool minnow_route_pools(const struct minnow_route *route) {
    for (uint32_t i = 0; i < route->layer_count; i++)
        if (route->layers[i].kind == MINNOW_LAYER_POOL) return true;
    return false;
}

bool minnow_joint_takes_tokens(const struct minnow_contents *contents) {
    const struct minnow_route *joint = minnow_joint_route(contents);
    return joint && joint->layers[0].kind == MINNOW_LAYER_EMBEDDING;
}
