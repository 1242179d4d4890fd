#include "convert/distill/network.h"

#include <stdio.h>
#include <string.h>

#include "convert/weight_types.h"

/* ---- Only f32 is trained ---- */

static enum minnow_status check_types(const struct minnow_contents *contents, struct minnow_error *error) {
    for (uint32_t r = 0; r < contents->route_count; r++)
        for (uint32_t i = 0; i < contents->routes[r].layer_count; i++)
            if (!minnow_layer_is_f32(&contents->routes[r].layers[i]))
                return minnow_fail(
                    error, MINNOW_UNSUPPORTED,
                    "routes.%u.layers.%u: found weights of 8 or 4 bits, training needs f32; start from the "
                    "checkpoint, or from a model file that was converted with f32 weights",
                    r, i);
    return MINNOW_OK;
}

/* ---- The list of parameters ---- */

struct listing {
    struct minnow_network *network;
    struct minnow_memory *memory;
    const float **sources; /* where the caller's contents have each parameter */
    uint32_t route, layer;
    bool failed;
};

static float *known_value(const struct listing *listing, const struct minnow_weights *weights) {
    for (size_t i = 0; i < listing->network->parameter_count; i++)
        if (listing->sources[i] == weights->data && listing->network->parameters[i].count == weights->count)
            return listing->network->parameters[i].value;
    return NULL;
}

static const char *name_of(const struct listing *listing, const struct minnow_weights *weights) {
    char name[128];
    int size = snprintf(name, sizeof name, "routes.%u.layers.%u.%s", listing->route, listing->layer, weights->name);
    return minnow_memory_copy_text(listing->memory, name, (size_t)size);
}

static float *copy(struct listing *listing, const struct minnow_weights *weights) {
    float *value = minnow_memory_take(listing->memory, weights->count * sizeof *value);
    if (value) memcpy(value, weights->data, weights->count * sizeof *value);
    return value;
}

static float *list(void *context, const struct minnow_weights *weights) {
    struct listing *listing = context;
    float *value = known_value(listing, weights);
    if (value) return value;
    struct minnow_parameter parameter = {.name = name_of(listing, weights),
                                         .value = weights->in_layer ? minnow_writable(weights->data)
                                                                    : copy(listing, weights),
                                         .count = weights->count,
                                         .row_width = weights->row_width,
                                         .decays = weights->decays,
                                         .in_layer = weights->in_layer};
    if (!parameter.name || !parameter.value) {
        listing->failed = true;
        return NULL;
    }
    listing->sources[listing->network->parameter_count] = weights->data;
    listing->network->parameters[listing->network->parameter_count++] = parameter;
    return parameter.value;
}

static float *count_one(void *context, const struct minnow_weights *weights) {
    ++*(size_t *)context;
    return minnow_writable(weights->data);
}

/* Visit the layers' weights, each layer once. */
static void visit_all(struct minnow_network *network, minnow_weights_visit_fn *visit, void *context,
                      struct listing *listing) {
    for (uint32_t r = 0; r < network->contents.route_count; r++) {
        if (minnow_shape_repeats(&network->shape, r)) continue;
        for (uint32_t i = 0; i < network->shape.routes[r].layer_count; i++) {
            listing->route = r;
            listing->layer = i;
            minnow_visit_weights(&network->shape.layers[r][i], visit, context);
            if (listing->failed) return;
        }
    }
}

enum minnow_status minnow_network_create(const struct minnow_contents *contents, struct minnow_memory *memory,
                                         struct minnow_network *network, struct minnow_error *error) {
    enum minnow_status status = check_types(contents, error);
    if (status != MINNOW_OK) return status;
    struct listing listing = {.network = network, .memory = memory};
    size_t most = 0;
    *network = (struct minnow_network){.contents = *contents};
    network->contents.golden = NULL;
    network->contents.golden_count = 0;
    if (!minnow_shape_copy(contents, memory, &network->shape))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "network");
    network->contents.routes = network->shape.routes;
    visit_all(network, count_one, &most, &listing);
    network->parameter_room = most + MINNOW_OTHER_PARAMETERS;
    network->parameters = minnow_memory_take(memory, network->parameter_room * sizeof *network->parameters);
    listing.sources = minnow_memory_take(memory, most * sizeof *listing.sources);
    if (!network->parameters || !listing.sources) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "network");
    visit_all(network, list, &listing, &listing);
    return listing.failed ? minnow_fail(error, MINNOW_OUT_OF_MEMORY, "network") : MINNOW_OK;
}

bool minnow_network_add(struct minnow_network *network, const char *name, float *value, size_t count,
                        struct minnow_memory *memory) {
    const char *copied = minnow_memory_copy_text(memory, name, strlen(name));
    if (!copied || network->parameter_count == network->parameter_room) return false;
    network->parameters[network->parameter_count++] =
        (struct minnow_parameter){.name = copied, .value = value, .count = count};
    return true;
}

size_t minnow_network_size(const struct minnow_network *network) {
    size_t size = 0;
    for (size_t i = 0; i < network->parameter_count; i++) size += network->parameters[i].count;
    return size;
}
