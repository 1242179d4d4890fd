#include "runtime/session.h"

#include <stdlib.h>

enum { ALIGNMENT = 64, DEFAULT_BATCH_TOKENS = 256, MAX_BATCH_TOKENS = 1 << 20, PART_TOKENS = 1024 };

/* Room past each buffer: XNNPACK reads 16 bytes beyond rows, padded kernels up to 15 elements. */
enum { SLACK = 128 };

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void plan_route(const struct minnow_route *route, struct minnow_plan *plan) {
    for (uint32_t i = 0; i < route->layer_count; i++) {
        const struct minnow_layer *layer = &route->layers[i];
        minnow_layer_operations(layer->kind)->plan(layer, plan);
    }
}

static struct minnow_plan plan_model(const struct minnow_contents *contents, size_t batch_tokens) {
    struct minnow_plan plan = {0};
    for (uint32_t i = 0; i < contents->route_count; i++)
        minnow_plan_raise(&plan.max_tokens, contents->routes[i].max_tokens);
    plan.tokens = batch_tokens ? batch_tokens : DEFAULT_BATCH_TOKENS;
    minnow_plan_raise(&plan.tokens, plan.max_tokens);
    plan.chunk_rows = smaller(MINNOW_CHUNK_ROWS, plan.tokens);
    for (uint32_t i = 0; i < contents->route_count; i++) plan_route(&contents->routes[i], &plan);
    return plan;
}

/* Hands out parts of the arena; with base NULL it only measures. */
struct carver {
    char *base;
    size_t used;
    bool overflow;
};

/* `size` is of one row, which the model's check bounds; times its caller's count it may overflow 32 bits. */
static void *carve(struct carver *carver, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 4 || carver->used > SIZE_MAX / 4) {
        carver->overflow = true;
        return NULL;
    }
    void *part = carver->base ? carver->base + carver->used : NULL;
    carver->used += (bytes + SLACK + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return part;
}

static void carve_lane(struct minnow_lane *lane, const struct minnow_plan *plan, struct carver *carver) {
    size_t row_bytes = MINNOW_PADDED(plan->row_width) * sizeof(float), input_width = MINNOW_PADDED(plan->input_width);
    size_t room = plan->tokens + 2 * plan->max_tokens;
    lane->ids = carve(carver, room, sizeof *lane->ids);
    lane->positions = carve(carver, room, sizeof *lane->positions);
    lane->types = carve(carver, room, sizeof *lane->types);
    lane->spans = carve(carver, plan->tokens, sizeof *lane->spans);
    lane->texts = carve(carver, plan->tokens, sizeof *lane->texts);
    lane->kept = carve(carver, plan->tokens, MINNOW_PADDED(plan->kept_width) * sizeof(float));
    lane->similarities = carve(carver, MINNOW_PADDED(plan->max_tokens), sizeof(float));
    lane->rows = carve(carver, plan->tokens, row_bytes);
    lane->other = carve(carver, plan->tokens, row_bytes);
    lane->quantized = carve(carver, plan->tokens, MINNOW_PADDED(plan->row_width));
    lane->quantization = carve(carver, plan->tokens, sizeof *lane->quantization);
    lane->spare = carve(carver, plan->chunk_rows, row_bytes);
    lane->wide = carve(carver, plan->chunk_rows, MINNOW_PADDED(plan->wide_width) * sizeof(float));
    lane->rotated = carve(carver, MINNOW_ROTATED_ROWS, input_width * sizeof(float));
    lane->inputs = carve(carver, plan->chunk_rows, input_width);
    lane->input_quantization = carve(carver, plan->chunk_rows, sizeof *lane->input_quantization);
    lane->unpacked = carve(carver, 1, plan->unpacked_bytes);
    lane->scratch = carve(carver, 1, plan->scratch_bytes);
}

static void carve_parts(struct minnow_parts *parts, const struct minnow_contents *contents, struct carver *carver) {
    const struct minnow_route *route = minnow_route_of(contents, MINNOW_DOCUMENT);
    size_t longest_query = contents->inputs[MINNOW_QUERY].max_tokens;
    parts->query_ids = carve(carver, longest_query, sizeof *parts->query_ids);
    if (!route) return;
    size_t row_bytes = MINNOW_PADDED(route->dimensions) * sizeof(float);
    parts->query = carve(carver, longest_query, row_bytes);
    if (contents->similarity != MINNOW_JOINT) return;
    parts->document_room = minnow_route_pools(route) ? 1 : contents->inputs[MINNOW_DOCUMENT].max_tokens;
    parts->document_count = 1 + PART_TOKENS / parts->document_room;
    parts->documents = carve(carver, parts->document_count * parts->document_room, row_bytes);
    parts->document_rows = carve(carver, parts->document_count, sizeof *parts->document_rows);
    parts->list = carve(carver, parts->document_count, sizeof *parts->list);
}

static void carve_session(struct minnow_session *session, const struct minnow_plan *plan, struct carver *carver) {
    struct minnow_lane *lanes = carve(carver, session->lane_count, sizeof *lanes), measured;
    for (size_t i = 0; i < session->lane_count; i++) carve_lane(lanes ? lanes + i : &measured, plan, carver);
    session->lanes = lanes;
    carve_parts(&session->parts, &session->model->contents, carver);
}

static enum minnow_status allocate_arena(struct minnow_session *session, const struct minnow_plan *plan,
                                         struct minnow_error *error) {
    struct carver measure = {0};
    carve_session(session, plan, &measure);
    struct carver carver = {.base = measure.overflow ? NULL : aligned_alloc(ALIGNMENT, measure.used)};
    if (!carver.base)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "session: %zu bytes for %zu tokens at once", measure.used,
                           plan->tokens);
    carve_session(session, plan, &carver); /* pages are touched when they are used, not before */
    session->arena = carver.base;
    session->batch_tokens = plan->tokens;
    return MINNOW_OK;
}

struct preparation {
    struct minnow_session *session;
    enum minnow_status status;
    struct minnow_error *error;
};

static void prepare_linear(void *context, const struct minnow_linear *linear) {
    struct preparation *preparation = context;
    if (linear->type == MINNOW_WEIGHT_F32 && preparation->status == MINNOW_OK)
        preparation->status = minnow_linear_f32_prepare(&preparation->session->f32, linear, preparation->error);
}

static enum minnow_status prepare_linears(struct minnow_session *session, struct minnow_error *error) {
    struct preparation preparation = {session, MINNOW_OK, error};
    const struct minnow_contents *contents = &session->model->contents;
    for (uint32_t r = 0; r < contents->route_count; r++)
        for (uint32_t i = 0; i < contents->routes[r].layer_count; i++) {
            const struct minnow_layer *layer = &contents->routes[r].layers[i];
            const struct minnow_layer_operations *operations = minnow_layer_operations(layer->kind);
            if (operations->linears) operations->linears(layer, prepare_linear, &preparation);
        }
    return preparation.status;
}

static enum minnow_status start_threads(struct minnow_session *session, uint32_t wanted, struct minnow_error *error) {
    uint32_t count = minnow_threads_capped(wanted);
    if (count == 1) return MINNOW_OK;
    session->threads = minnow_threads_create(count);
    return session->threads ? MINNOW_OK
                            : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "session: %u threads could not start", count);
}

/* Cut vectors are compared by their beginnings: of one row a text only. */
static enum minnow_status choose_dimensions(struct minnow_session *session, uint32_t wanted,
                                            struct minnow_error *error) {
    const struct minnow_contents *contents = &session->model->contents;
    const struct minnow_route *route = minnow_route_of(contents, MINNOW_DOCUMENT);
    bool one_vector = contents->similarity == MINNOW_COSINE || contents->similarity == MINNOW_DOT;
    session->dimensions = route ? route->dimensions : 0;
    if (wanted == 0 || wanted == session->dimensions) return MINNOW_OK;
    if (!one_vector || wanted > session->dimensions)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "session: %u dimensions, expected %s%u", wanted,
                           one_vector ? "at most " : "", session->dimensions);
    session->dimensions = wanted;
    return MINNOW_OK;
}

static enum minnow_status fill_session(struct minnow_session *session, const struct minnow_session_options *options,
                                       struct minnow_error *error) {
    const struct minnow_model *model = session->model;
    enum minnow_status status = start_threads(session, options->threads, error);
    if (status != MINNOW_OK) return status;
    if ((status = prepare_linears(session, error)) != MINNOW_OK) return status;
    session->lane_count = session->f32.count ? 1 : minnow_threads_count(session->threads);
    struct minnow_plan plan = plan_model(&model->contents, options->max_batch_tokens);
    if ((status = choose_dimensions(session, options->dimensions, error)) != MINNOW_OK) return status;
    return allocate_arena(session, &plan, error);
}

enum minnow_status minnow_session_create(const struct minnow_model *model, const struct minnow_session_options *options,
                                         struct minnow_session **session, struct minnow_error *error) {
    struct minnow_session_options defaults = {.size = sizeof defaults};
    if (!options) options = &defaults;
    if (!model || !session || options->size < sizeof defaults || options->max_batch_tokens > MAX_BATCH_TOKENS)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "minnow_session_create: model, session, options.size or max_batch_tokens over %d",
                           MAX_BATCH_TOKENS);
    struct minnow_session *created = calloc(1, sizeof *created);
    if (!created) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "session");
    created->model = model;
    enum minnow_status status = fill_session(created, options, error);
    if (status == MINNOW_OK)
        *session = created;
    else
        minnow_session_close(created);
    return status;
}

void minnow_session_close(struct minnow_session *session) {
    if (!session) return;
    minnow_linear_f32_release(&session->f32);
    minnow_threads_close(session->threads);
    free(session->arena);
    free(session);
}

void minnow_session_observe(struct minnow_session *session, minnow_linear_observer_fn *observe, void *context) {
    session->observer = (struct minnow_observer){observe, context};
}

struct minnow_pass minnow_session_pass(struct minnow_session *session, size_t lane, bool shared) {
    return (struct minnow_pass){.kernels = &session->model->kernels,
                                .f32 = &session->f32,
                                .pool = minnow_threads_pool(session->threads),
                                .observer = &session->observer,
                                .threads = session->threads,
                                .lane = shared ? lane : 0,
                                .lanes = shared ? session->lane_count : 1,
                                .own = &session->lanes[lane],
                                .shared = &session->lanes[shared ? 0 : lane]};
}
