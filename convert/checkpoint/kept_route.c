#include "convert/checkpoint/kept_route.h"

#include <string.h>

enum minnow_status minnow_reading_keep_route(struct minnow_reading *reading, struct minnow_error *error) {
    struct minnow_contents *contents = reading->contents;
    const char *name = reading->options->route;
    if (!name) return MINNOW_OK;
    enum minnow_role role = strcmp(name, "query") ? MINNOW_DOCUMENT : MINNOW_QUERY;
    if (role == MINNOW_DOCUMENT && strcmp(name, "document"))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "route is \"%.80s\", expected query or document", name);
    if (contents->similarity == MINNOW_JOINT)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "--route: scores of pairs need both routes");
    struct minnow_input input = contents->inputs[role];
    uint32_t route = contents->route_of_role[role];
    reading->routes[0] = reading->routes[route];
    reading->layers[0] = reading->layers[route];
    contents->tokenizers[0] = contents->tokenizers[input.tokenizer];
    contents->tokenizer_count = contents->route_count = 1;
    contents->route_of_role[MINNOW_QUERY] = contents->route_of_role[MINNOW_DOCUMENT] = 0;
    input.tokenizer = 0;
    contents->inputs[MINNOW_QUERY] = contents->inputs[MINNOW_DOCUMENT] = input;
    return MINNOW_OK;
}
