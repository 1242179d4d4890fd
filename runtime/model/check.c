/* The meaning of a model: whatever the rest of runtime/ takes for granted. */
#include <string.h>

#include "runtime/model/check_layers.h"
#include "runtime/tokenizer/utf8.h"

enum {
    LEAST_TOKENS = 3,    /* one token between cls and sep */
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
                                       struct minnow_flow *flow, struct minnow_error *error) {
    for (uint32_t i = 0; i < route->layer_count; i++) {
        struct minnow_place layer = {place, "layers", i};
        enum minnow_status status = minnow_check_layer(&route->layers[i], &layer, route->max_tokens, flow, error);
        if (status != MINNOW_OK) return status;
    }
    return MINNOW_OK;
}

static enum minnow_status check_limits(const struct minnow_route *route, const struct minnow_place *place,
                                       struct minnow_error *error) {
    if (!route->layers || route->layer_count == 0 || route->layer_count > MINNOW_MAX_LAYERS)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%u layers, expected 1 to %u", route->layer_count,
                              MINNOW_MAX_LAYERS);
    if (route->max_tokens < LEAST_TOKENS || route->max_tokens > MINNOW_MAX_TOKENS)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "max_tokens is %u, expected %d to %u", route->max_tokens,
                              LEAST_TOKENS, MINNOW_MAX_TOKENS);
    return MINNOW_OK;
}

/* The first layer is known to be an embedding. */
static enum minnow_status check_vocabulary(const struct minnow_route *route, const struct minnow_place *place,
                                           uint32_t vocabulary, struct minnow_error *error) {
    const struct minnow_table *words = &route->layers[0].embedding.words;
    struct minnow_place layer = {place, "layers", 0}, table = {&layer, "words", MINNOW_NO_INDEX};
    if (words->rows >= vocabulary) return MINNOW_OK;
    return minnow_fail_at(error, MINNOW_BAD_MODEL, &table, "%u rows, expected %u, one for each token", words->rows,
                          vocabulary);
}

static enum minnow_status check_route(const struct minnow_route *route, const struct minnow_place *place,
                                      uint32_t vocabulary, struct minnow_error *error) {
    struct minnow_flow flow = {0};
    enum minnow_status status = check_limits(route, place, error);
    if (status == MINNOW_OK) status = check_layers(route, place, &flow, error);
    if (status == MINNOW_OK) status = check_vocabulary(route, place, vocabulary, error);
    if (status == MINNOW_OK) status = check_activation_memory(&flow, route->max_tokens, place, error);
    if (status != MINNOW_OK) return status;
    if (!flow.pooled) return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "no layer pools the tokens");
    if (route->dimensions != flow.width)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "dimensions is %u, but the last layer's width is %u",
                              route->dimensions, flow.width);
    return MINNOW_OK;
}

static enum minnow_status check_roles(const struct minnow_contents *contents, struct minnow_error *error) {
    static const char *const names[] = {"query_route", "document_route"};
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++)
        if (contents->route_of_role[role] >= contents->route_count)
            return minnow_fail(error, MINNOW_BAD_MODEL, "%s: is %u, expected less than %u", names[role],
                               contents->route_of_role[role], contents->route_count);
    return MINNOW_OK;
}

static enum minnow_status check_routes(const struct minnow_contents *contents, struct minnow_error *error) {
    if (!contents->routes || contents->route_count == 0 || contents->route_count > MINNOW_MAX_ROUTES)
        return minnow_fail(error, MINNOW_BAD_MODEL, "routes: %u of them, expected 1 or %u", contents->route_count,
                           MINNOW_MAX_ROUTES);
    enum minnow_status status = check_roles(contents, error);
    for (uint32_t i = 0; i < contents->route_count && status == MINNOW_OK; i++) {
        struct minnow_place place = {NULL, "routes", i};
        status = check_route(&contents->routes[i], &place, contents->tokenizer.vocabulary, error);
    }
    if (status != MINNOW_OK) return status;
    const struct minnow_route *first = &contents->routes[0], *last = &contents->routes[contents->route_count - 1];
    if (first->dimensions != last->dimensions)
        return minnow_fail(error, MINNOW_BAD_MODEL,
                           "routes: their vectors have %u and %u dimensions, expected the same", first->dimensions,
                           last->dimensions);
    return MINNOW_OK;
}

static enum minnow_status check_matryoshka(const struct minnow_contents *contents, struct minnow_error *error) {
    uint32_t previous = 0, dimensions = contents->routes[0].dimensions;
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

static enum minnow_status check_golden_ids(const struct minnow_golden *golden, const struct minnow_place *place,
                                           uint32_t vocabulary, struct minnow_error *error) {
    for (uint32_t i = 0; i < golden->id_count; i++)
        if (golden->ids[i] >= vocabulary)
            return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "ids[%u] is %u, expected less than %u", i,
                                  golden->ids[i], vocabulary);
    return MINNOW_OK;
}

static enum minnow_status check_one_golden(const struct minnow_contents *contents, const struct minnow_golden *golden,
                                           const struct minnow_place *place, struct minnow_error *error) {
    if (golden->role != MINNOW_QUERY && golden->role != MINNOW_DOCUMENT)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "role is %d, expected 0 or 1", (int)golden->role);
    const struct minnow_route *route = &contents->routes[contents->route_of_role[golden->role]];
    if ((!golden->text.bytes && golden->text.size) || !golden->ids)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "text or ids are missing");
    if (golden->id_count > route->max_tokens)
        return minnow_fail_at(error, MINNOW_BAD_MODEL, place, "%u ids, expected at most max_tokens, %u",
                              golden->id_count, route->max_tokens);
    enum minnow_status status = check_golden_ids(golden, place, contents->tokenizer.vocabulary, error);
    if (status == MINNOW_OK) status = minnow_check_finite(golden->vector, route->dimensions, place, "vector", error);
    return status;
}

static enum minnow_status check_golden(const struct minnow_contents *contents, struct minnow_error *error) {
    if (contents->golden_count > MINNOW_MAX_GOLDEN || (contents->golden_count && !contents->golden))
        return minnow_fail(error, MINNOW_BAD_MODEL, "golden: %u texts, limit is %u", contents->golden_count,
                           MINNOW_MAX_GOLDEN);
    for (uint32_t i = 0; i < contents->golden_count; i++) {
        struct minnow_place place = {NULL, "golden", i};
        enum minnow_status status = check_one_golden(contents, &contents->golden[i], &place, error);
        if (status != MINNOW_OK) return status;
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
        {"query_prompt", contents->prompts[MINNOW_QUERY]},
        {"document_prompt", contents->prompts[MINNOW_DOCUMENT]},
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
    if (status == MINNOW_OK && !(contents->prompts[0] && contents->prompts[1]))
        return minnow_fail(error, MINNOW_BAD_MODEL, "prompts: one is missing, expected \"\" for none");
    return status;
}

enum minnow_status minnow_contents_check(const struct minnow_contents *contents, struct minnow_error *error) {
    if (contents->similarity != MINNOW_COSINE && contents->similarity != MINNOW_DOT)
        return minnow_fail(error, MINNOW_BAD_MODEL, "similarity: is %d, expected 0 or 1", (int)contents->similarity);
    enum minnow_status status = minnow_tokenizer_check(&contents->tokenizer, error);
    if (status == MINNOW_OK) status = check_routes(contents, error);
    if (status == MINNOW_OK) status = check_matryoshka(contents, error);
    if (status == MINNOW_OK) status = check_golden(contents, error);
    if (status == MINNOW_OK) status = check_texts(contents, error);
    return status;
}
