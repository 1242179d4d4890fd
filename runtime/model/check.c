/* The meaning of a model: whatever the rest of runtime/ takes for granted. */
#include <string.h>

#include "runtime/model/check_layers.h"
#include "runtime/tokenizer/utf8.h"

enum {
    SESSION_ROWS = 1024, /* that a session has room for at least */
};

/* Activations of a default session. The file pays for its weights, but a long text limit costs it
 * nothing, so memory must not follow from that alone. BERT-large over 32768 tokens fits. */
#define MAX_ACTIVATION_BYTES (UINT64_C(1) << 30)

static enum minnow_status check_activation_memory(const struct minnow_flow *flow, uint32_t max_tokens,
                                                  const struct minnow_place *place, struct minnow_error *error) {
    uint64_t rows = max_tokens > SESSION_ROWS ? max_tokens : SESSION_ROWS;
    uint64_t bytes = rows * (2 * flow->widest + flow->wide) * sizeof(float);
    if (bytes <= MAX_ACTIVATION_BYTES) return MINNOW_OK;
    return minnow_fail_at(error, MINNOW_UNSUPPORTED, place,
                          "max_tokens is %u, which needs %llu MiB for activations, limit is %llu", max_tokens,
                          (unsigned long long)(bytes >> 20), (unsigned long long)(MAX_ACTIVATION_BYTES >> 20));
}

static enum minnow_status check_layers(const struct minnow_route *route, const struct minnow_place *place,
                                       const struct minnow_demand *demand, struct minnow_flow *flow,
                                       struct minnow_error *error) {
    for (uint32_t i = 0; i < route->layer_count; i++) {
        struct minnow_place layer = {place, "layers", i};
        enum minnow_status status = minnow_check_layer(&route->layers[i], &layer, demand, flow, error);
        if (status != MINNOW_OK) return status;
    }
    return MINNOW_OK;
}

static enum minnow_status check_limits(const struct minnow_route *route, const struct minnow_place *place,
                                       struct minnow_error *error) {
    if (!route->layers || route->layer_count == 0 || route->layer_count > MINNOW_MAX_LAYERS)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%u layers, expected 1 to %u", route->layer_count,
                              MINNOW_MAX_LAYERS);
    if (route->max_tokens < 1 || route->max_tokens > MINNOW_MAX_TOKENS)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "max_tokens is %u, expected 1 to %u", route->max_tokens,
                              MINNOW_MAX_TOKENS);
    return MINNOW_OK;
}

/* A role's texts reach the route's tables. */
static bool reaches(const struct minnow_contents *contents, uint32_t route, enum minnow_role role) {
    return contents->route_of_role[role] == route ||
           (contents->joint_route == route && minnow_joint_takes_tokens(contents));
}

static struct minnow_demand demand_of(const struct minnow_contents *contents, uint32_t route) {
    uint32_t positions = route == contents->joint_route ? contents->routes[route].max_tokens : 0, last_type = 0;
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        const struct minnow_input *input = &contents->inputs[role];
        if (!reaches(contents, route, role)) continue;
        if (input->first_position + input->max_tokens > positions)
            positions = input->first_position + input->max_tokens;
        if (input->type > last_type) last_type = input->type;
    }
    return (struct minnow_demand){positions, last_type + 1};
}

static enum minnow_status check_vocabulary(const struct minnow_contents *contents, uint32_t route,
                                           const struct minnow_place *place, struct minnow_error *error) {
    const struct minnow_layer *first = &contents->routes[route].layers[0];
    struct minnow_place layer = {place, "layers", 0}, table = {&layer, "words", MINNOW_NO_INDEX};
    if (first->kind != MINNOW_LAYER_EMBEDDING) return MINNOW_OK;
    for (enum minnow_role role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        uint32_t vocabulary = minnow_tokenizer_of(contents, role)->vocabulary;
        if (reaches(contents, route, role) && first->embedding.words.rows < vocabulary)
            return minnow_fail_at(error, MINNOW_BAD_MODEL, &table, "%u rows, expected %u, one for each token",
                                  first->embedding.words.rows, vocabulary);
    }
    return MINNOW_OK;
}

/* What the joint route begins with; an embedding, or the rows of both texts. */
static struct minnow_flow beginning(const struct minnow_contents *contents, uint32_t route) {
    if (route != contents->joint_route || minnow_joint_takes_tokens(contents)) return (struct minnow_flow){0};
    const struct minnow_route *part = minnow_route_of(contents, MINNOW_QUERY);
    return (struct minnow_flow){.width = part->dimensions, .pooled = minnow_route_pools(part), .pairs = true};
}

static enum minnow_status check_route(const struct minnow_contents *contents, uint32_t index,
                                      struct minnow_error *error) {
    const struct minnow_route *route = &contents->routes[index];
    struct minnow_place place = {NULL, "routes", index};
    struct minnow_flow flow = beginning(contents, index);
    struct minnow_demand demand = demand_of(contents, index);
    enum minnow_status status = check_layers(route, &place, &demand, &flow, error);
    if (status == MINNOW_OK) status = check_vocabulary(contents, index, &place, error);
    if (status == MINNOW_OK) status = check_activation_memory(&flow, route->max_tokens, &place, error);
    if (status != MINNOW_OK) return status;
    bool one_row = index == contents->joint_route || contents->similarity == MINNOW_COSINE ||
                   contents->similarity == MINNOW_DOT;
    if (one_row && (!flow.pooled || flow.pairs))
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "no layer pools the tokens");
    if (contents->similarity == MINNOW_MAXSIM && flow.pooled)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "a layer pools the tokens, which MaxSim needs");
    if (route->dimensions != flow.width)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, &place, "dimensions is %u, but the last layer's width is %u",
                              route->dimensions, flow.width);
    return MINNOW_OK;
}

static enum minnow_status check_index(uint32_t found, uint32_t count, const char *name, struct minnow_error *error) {
    if (found < count) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_MODEL, "%s: is %u, expected less than %u", name, found, count);
}

/* Each role has a route, or the joint route takes the tokens of both; there is a joint route where similarity is. */
static enum minnow_status check_roles(const struct minnow_contents *contents, struct minnow_error *error) {
    bool joint = contents->similarity == MINNOW_JOINT;
    if (!joint && contents->joint_route != MINNOW_NO_ROUTE)
        return minnow_fail(error, MINNOW_BAD_MODEL, "joint_route: is %u, expected none with similarity %d",
                           contents->joint_route, (int)contents->similarity);
    enum minnow_status status =
        joint ? check_index(contents->joint_route, contents->route_count, "joint_route", error) : MINNOW_OK;
    if (status != MINNOW_OK || (joint && minnow_joint_takes_tokens(contents) &&
                                contents->route_of_role[MINNOW_QUERY] == MINNOW_NO_ROUTE &&
                                contents->route_of_role[MINNOW_DOCUMENT] == MINNOW_NO_ROUTE))
        return status;
    status = check_index(contents->route_of_role[MINNOW_QUERY], contents->route_count, "query_route", error);
    if (status == MINNOW_OK)
        status = check_index(contents->route_of_role[MINNOW_DOCUMENT], contents->route_count, "document_route", error);
    if (status == MINNOW_OK && joint &&
        (minnow_joint_takes_tokens(contents) || contents->route_of_role[MINNOW_QUERY] == contents->joint_route ||
         contents->route_of_role[MINNOW_DOCUMENT] == contents->joint_route))
        return minnow_fail(error, MINNOW_BAD_MODEL, "joint_route: is %u, which begins with tokens or is a role's too",
                           contents->joint_route);
    return status;
}

static enum minnow_status check_parts(const struct minnow_contents *contents, struct minnow_error *error) {
    const struct minnow_route *query = minnow_route_of(contents, MINNOW_QUERY);
    const struct minnow_route *document = minnow_route_of(contents, MINNOW_DOCUMENT);
    const struct minnow_route *joint = minnow_joint_route(contents);
    if (!query) return MINNOW_OK;
    if (query->dimensions != document->dimensions || minnow_route_pools(query) != minnow_route_pools(document))
        return minnow_fail(error, MINNOW_BAD_MODEL,
                           "routes: their vectors have %u and %u dimensions, expected the same, and one a text or one "
                           "a token of both",
                           query->dimensions, document->dimensions);
    uint64_t tokens = (uint64_t)query->max_tokens + document->max_tokens;
    if (joint && joint->max_tokens < (minnow_route_pools(query) ? 2 : tokens))
        return minnow_fail(error, MINNOW_BAD_MODEL, "routes.%u: max_tokens is %u, too few for both texts",
                           contents->joint_route, joint->max_tokens);
    return MINNOW_OK;
}

static enum minnow_status check_routes(const struct minnow_contents *contents, struct minnow_error *error) {
    if (!contents->routes || contents->route_count == 0 || contents->route_count > MINNOW_MAX_ROUTES)
        return minnow_fail(error, MINNOW_BAD_MODEL, "routes: %u of them, expected 1 to %u", contents->route_count,
                           MINNOW_MAX_ROUTES);
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < contents->route_count && status == MINNOW_OK; i++) {
        struct minnow_place place = {NULL, "routes", i};
        status = check_limits(&contents->routes[i], &place, error);
    }
    if (status == MINNOW_OK) status = check_roles(contents, error);
    if (status == MINNOW_OK) status = minnow_check_inputs(contents, error);
    for (uint32_t i = 0; i < contents->route_count && status == MINNOW_OK; i++) status = check_route(contents, i, error);
    return status == MINNOW_OK ? check_parts(contents, error) : status;
}

/* The width of what a text comes out as; 0: only pairs come out. */
static uint32_t vector_width(const struct minnow_contents *contents) {
    const struct minnow_route *route = minnow_route_of(contents, MINNOW_DOCUMENT);
    return route ? route->dimensions : 0;
}

static enum minnow_status check_matryoshka(const struct minnow_contents *contents, struct minnow_error *error) {
    uint32_t previous = 0, dimensions = vector_width(contents);
    if (contents->matryoshka_count > MINNOW_MAX_MATRYOSHKA || (contents->matryoshka_count && !contents->matryoshka))
        return minnow_fail(error, MINNOW_BAD_MODEL, "matryoshka: %u sizes, limit is %u", contents->matryoshka_count,
                           MINNOW_MAX_MATRYOSHKA);
    for (uint32_t i = 0; i < contents->matryoshka_count; i++) {
        uint32_t size = contents->matryoshka[i];
        if (size <= previous || size > dimensions)
            return minnow_fail(error, MINNOW_BAD_MODEL, "matryoshka[%u]: is %u, expected %u to %u", i, size,
                               previous + 1, dimensions);
        previous = size;
    }
    return MINNOW_OK;
}

/* NULL where nothing is said, as in a checkpoint that was just read. */
static enum minnow_status check_text(const char *text, const char *name, struct minnow_error *error) {
    if (!text) return MINNOW_OK;
    size_t size = strlen(text), valid = minnow_utf8_valid_prefix(text, size);
    if (valid == size) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_MODEL, "%s: byte %zu is not UTF-8", name, valid);
}

static enum minnow_status check_texts(const struct minnow_contents *contents, struct minnow_error *error) {
    const struct {
        const char *name, *text;
    } texts[] = {
        {"query_input.prompt", contents->inputs[MINNOW_QUERY].prompt},
        {"document_input.prompt", contents->inputs[MINNOW_DOCUMENT].prompt},
        {"name", contents->name},
        {"license", contents->license},
        {"source", contents->source},
        {"source_sha256", contents->source_sha256},
        {"converter", contents->converter},
        {"quantization", contents->quantization},
    };
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == MINNOW_OK; i++)
        status = check_text(texts[i].text, texts[i].name, error);
    if (status == MINNOW_OK && !(contents->inputs[0].prompt && contents->inputs[1].prompt))
        return minnow_fail(error, MINNOW_BAD_MODEL, "prompts: one is missing, expected \"\" for none");
    return status;
}

static enum minnow_status check_tokenizers(const struct minnow_contents *contents, struct minnow_error *error) {
    if (contents->tokenizer_count == 0 || contents->tokenizer_count > MINNOW_MAX_TOKENIZERS)
        return minnow_fail(error, MINNOW_BAD_MODEL, "tokenizers: %u of them, expected 1 to %u",
                           contents->tokenizer_count, MINNOW_MAX_TOKENIZERS);
    enum minnow_status status = MINNOW_OK;
    for (uint32_t i = 0; i < contents->tokenizer_count && status == MINNOW_OK; i++)
        status = minnow_tokenizer_check(&contents->tokenizers[i], error);
    return status;
}

enum minnow_status minnow_contents_check(const struct minnow_contents *contents, struct minnow_error *error) {
    if ((unsigned)contents->similarity > MINNOW_JOINT)
        return minnow_fail(error, MINNOW_BAD_MODEL, "similarity: is %d, expected 0 to %d", (int)contents->similarity,
                           MINNOW_JOINT);
    enum minnow_status status = check_tokenizers(contents, error);
    if (status == MINNOW_OK) status = check_routes(contents, error);
    if (status == MINNOW_OK) status = check_matryoshka(contents, error);
    if (status == MINNOW_OK) status = minnow_check_golden(contents, error);
    if (status == MINNOW_OK) status = check_texts(contents, error);
    return status;
}
