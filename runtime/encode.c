/* Texts to vectors, in passes of as many whole texts as a lane has room for. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "runtime/session.h"
#include "runtime/tokenize.h"

/* What the caller asked for, and what the lanes share of it. */
struct encoding {
    struct minnow_session *session;
    const struct minnow_route *route;
    enum minnow_role role;
    const struct minnow_text *texts;
    size_t count;
    float *vectors;
    struct minnow_text_result *results;
    atomic_size_t next;   /* text that no lane has taken */
    atomic_size_t failed; /* the first text without a finite vector; count: none */
};

/* A lane on its way through the texts. */
struct journey {
    struct encoding *encoding;
    struct minnow_lane *lane;
    size_t tokens, texts; /* in the lane's memory, of this pass */
    size_t carried_text;
    uint32_t carried;     /* tokens behind them: a text that did not fit any more; 0: none */
};

static uint32_t tokenize(struct journey *journey, size_t text) {
    struct encoding *encoding = journey->encoding;
    bool truncated;
    uint32_t count =
        minnow_tokenize_for_role(&encoding->session->model->contents, encoding->role, encoding->texts[text],
                                 journey->lane->ids + journey->tokens, &truncated);
    if (encoding->results) encoding->results[text] = (struct minnow_text_result){count, truncated};
    return count;
}

static void add_text(struct journey *journey, size_t text, uint32_t count) {
    struct minnow_lane *lane = journey->lane;
    lane->spans[journey->texts] = (struct minnow_span){(uint32_t)journey->tokens, count};
    lane->texts[journey->texts++] = text;
    for (uint32_t i = 0; i < count; i++) lane->positions[journey->tokens + i] = i;
    journey->tokens += count;
}

/* Gather whole texts until the next does not fit; that one's tokens stay behind, for the next pass. */
static void fill_pass(struct journey *journey) {
    struct minnow_lane *lane = journey->lane;
    memmove(lane->ids, lane->ids + journey->tokens, journey->carried * sizeof *lane->ids);
    journey->tokens = journey->texts = 0;
    if (journey->carried) add_text(journey, journey->carried_text, journey->carried);
    journey->carried = 0;
    for (size_t text; (text = atomic_fetch_add(&journey->encoding->next, 1)) < journey->encoding->count;) {
        uint32_t count = tokenize(journey, text);
        if (journey->tokens + count > journey->encoding->session->batch_tokens) {
            journey->carried_text = text;
            journey->carried = count;
            return;
        }
        add_text(journey, text, count);
    }
}

static bool all_finite(const float *vector, size_t count) {
    bool all = true;
    for (size_t i = 0; i < count; i++) all &= (bool)isfinite(vector[i]);
    return all;
}

static void note_failure(struct encoding *encoding, size_t text) {
    size_t first = atomic_load(&encoding->failed);
    while (text < first && !atomic_compare_exchange_weak(&encoding->failed, &first, text)) continue;
}

static void store_vectors(struct encoding *encoding, const struct minnow_pass *pass) {
    size_t dimensions = encoding->route->dimensions;
    for (size_t i = 0; i < pass->text_count; i++) {
        const float *row = pass->rows + i * MINNOW_PADDED(dimensions);
        size_t text = pass->shared->texts[i];
        if (!all_finite(row, dimensions)) note_failure(encoding, text);
        memcpy(encoding->vectors + text * dimensions, row, dimensions * sizeof *row);
    }
}

/* One lane's part of a pass; the vectors are stored by the last lane that has something to do. */
static void run_pass(struct encoding *encoding, struct minnow_pass pass, size_t tokens, size_t texts) {
    pass.token_count = tokens;
    pass.text_count = texts;
    minnow_pass_begin(&pass);
    for (uint32_t i = 0; i < encoding->route->layer_count && !pass.finished; i++) {
        const struct minnow_layer *layer = &encoding->route->layers[i];
        minnow_layer_operations(layer->kind)->run(layer, &pass);
    }
    if (!pass.finished) minnow_pass_go_alone(&pass);
    if (!pass.finished) store_vectors(encoding, &pass);
}

/* Whole texts to each lane: nobody waits for anybody. */
static void encode_alone(void *context, size_t lane) {
    struct encoding *encoding = context;
    struct journey journey = {.encoding = encoding, .lane = &encoding->session->lanes[lane]};
    struct minnow_pass pass = minnow_session_pass(encoding->session, lane, false);
    for (fill_pass(&journey); journey.texts > 0; fill_pass(&journey))
        run_pass(encoding, pass, journey.tokens, journey.texts);
}

/* Fewer texts than lanes: all lanes on all of them. */
static void encode_together(void *context, size_t lane) {
    struct journey *journey = context;
    struct minnow_pass pass = minnow_session_pass(journey->encoding->session, lane, true);
    run_pass(journey->encoding, pass, journey->tokens, journey->texts);
}

static void encode_all(struct encoding *encoding) {
    struct minnow_session *session = encoding->session;
    if (session->lane_count == 1 || session->observer.observe) {
        encode_alone(encoding, 0);
        return;
    }
    if (encoding->count >= session->lane_count) {
        minnow_threads_run(session->threads, encode_alone, encoding);
        return;
    }
    struct journey journey = {.encoding = encoding, .lane = &session->lanes[0]};
    for (fill_pass(&journey); journey.texts > 0; fill_pass(&journey))
        minnow_threads_run(session->threads, encode_together, &journey);
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
    atomic_init(&encoding.next, 0);
    atomic_init(&encoding.failed, count);
    encode_all(&encoding);
    size_t failed = atomic_load(&encoding.failed);
    if (failed < count)
        return minnow_fail(error, MINNOW_NOT_FINITE,
                           "text %zu: its vector holds NaN or infinity; the weights are damaged", failed);
    return MINNOW_OK;
}
