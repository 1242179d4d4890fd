/* Texts to vectors, in passes of as many whole texts as the session has room for. */
#include <math.h>
#include <string.h>

#include "runtime/session.h"
#include "runtime/tokenize.h"

struct encoding {
    struct minnow_session *session;
    const struct minnow_route *route;
    enum minnow_role role;
    const struct minnow_text *texts;
    size_t count, next;
    float *vectors;
    struct minnow_text_result *results;
    size_t tokens;       /* in the session's ids */
    uint32_t carried;    /* of them: a text that did not fit into the last pass */
};

/* Tokenize the next text behind what is there. */
static uint32_t take_text(struct encoding *encoding) {
    struct minnow_session *session = encoding->session;
    bool truncated;
    uint32_t count = minnow_tokenize_for_role(&session->model->contents, encoding->role,
                                              encoding->texts[encoding->next], session->ids + encoding->tokens,
                                              &truncated);
    if (encoding->results) encoding->results[encoding->next] = (struct minnow_text_result){count, truncated};
    return count;
}

static void add_span(struct encoding *encoding, uint32_t count) {
    struct minnow_session *session = encoding->session;
    session->spans[session->pass.text_count++] = (struct minnow_span){(uint32_t)encoding->tokens, count};
    for (uint32_t i = 0; i < count; i++) session->positions[encoding->tokens + i] = i;
    encoding->tokens += count;
    encoding->next++;
}

/* Gather whole texts until the next does not fit; that one's tokens stay behind, for the next pass. */
static void fill_pass(struct encoding *encoding) {
    struct minnow_session *session = encoding->session;
    memmove(session->ids, session->ids + encoding->tokens, encoding->carried * sizeof *session->ids);
    encoding->tokens = 0;
    session->pass.text_count = 0;
    while (encoding->next < encoding->count) {
        uint32_t count = encoding->carried ? encoding->carried : take_text(encoding);
        encoding->carried = 0;
        if (encoding->tokens + count > session->batch_tokens) {
            encoding->carried = count;
            return;
        }
        add_span(encoding, count);
    }
}

static void run_layers(struct minnow_session *session, const struct minnow_route *route, size_t tokens) {
    struct minnow_pass *pass = &session->pass;
    pass->ids = session->ids;
    pass->positions = session->positions;
    pass->spans = session->spans;
    pass->token_count = tokens;
    for (uint32_t i = 0; i < route->layer_count; i++)
        minnow_layer_operations(route->layers[i].kind)->run(&route->layers[i], pass);
}

static bool all_finite(const float *vector, size_t count) {
    bool all = true;
    for (size_t i = 0; i < count; i++) all &= (bool)isfinite(vector[i]);
    return all;
}

static enum minnow_status store_vectors(const struct encoding *encoding, struct minnow_error *error) {
    const struct minnow_pass *pass = &encoding->session->pass;
    size_t first = encoding->next - pass->text_count, dimensions = encoding->route->dimensions;
    for (size_t i = 0; i < pass->text_count; i++) {
        const float *row = pass->rows + i * MINNOW_PADDED(dimensions);
        if (!all_finite(row, dimensions))
            return minnow_fail(error, MINNOW_NOT_FINITE,
                               "text %zu: its vector holds NaN or infinity; the weights are damaged", first + i);
        memcpy(encoding->vectors + (first + i) * dimensions, row, dimensions * sizeof *row);
    }
    return MINNOW_OK;
}

static bool texts_valid(const struct minnow_text *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!texts[i].bytes && texts[i].size) return false;
    return true;
}

enum minnow_status minnow_encode(struct minnow_session *session, enum minnow_role role, const struct minnow_text *texts,
                                 size_t count, float *vectors, struct minnow_text_result *results,
                                 struct minnow_error *error) {
    if (!session || (role != MINNOW_QUERY && role != MINNOW_DOCUMENT) || (count && (!texts || !vectors)) ||
        !texts_valid(texts, count))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_encode: session, role, texts or vectors");
    const struct minnow_contents *contents = &session->model->contents;
    struct encoding encoding = {.session = session,
                                .route = &contents->routes[contents->route_of_role[role]],
                                .role = role,
                                .texts = texts,
                                .count = count,
                                .vectors = vectors,
                                .results = results};
    while (encoding.next < count) {
        fill_pass(&encoding);
        run_layers(session, encoding.route, encoding.tokens);
        enum minnow_status status = store_vectors(&encoding, error);
        if (status != MINNOW_OK) return status;
    }
    return MINNOW_OK;
}
