#include "runtime/session.h"

#include <stdlib.h>

enum { ALIGNMENT = 64, DEFAULT_BATCH_TOKENS = 1024, MAX_BATCH_TOKENS = 1 << 20 };

/* Room past each buffer: XNNPACK reads 16 bytes beyond rows, padded kernels up to 15 elements. */
enum { SLACK = 128 };

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
    plan.rows = batch_tokens ? batch_tokens : DEFAULT_BATCH_TOKENS;
    minnow_plan_raise(&plan.rows, plan.max_tokens);
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

static void carve_session(struct minnow_session *session, const struct minnow_plan *plan, struct carver *carver) {
    struct minnow_pass *pass = &session->pass;
    size_t lanes = minnow_threads_count(session->threads);
    session->ids = carve(carver, plan->rows + plan->max_tokens, sizeof *session->ids);
    session->positions = carve(carver, plan->rows + plan->max_tokens, sizeof *session->positions);
    session->spans = carve(carver, plan->rows, sizeof *session->spans);
    pass->rows = carve(carver, plan->rows, MINNOW_PADDED(plan->row_width) * sizeof(float));
    pass->spare = carve(carver, plan->rows, MINNOW_PADDED(plan->row_width) * sizeof(float));
    pass->wide = carve(carver, plan->rows, MINNOW_PADDED(plan->wide_width) * sizeof(float));
    pass->lane_floats = MINNOW_PADDED(plan->lane_floats) + SLACK;
    pass->lane_scratch = carve(carver, lanes, pass->lane_floats * sizeof(float));
    session->linears.rotated_floats = MINNOW_ROTATED_ROWS * MINNOW_PADDED(plan->input_width) + SLACK;
    session->linears.rotated = carve(carver, lanes, session->linears.rotated_floats * sizeof(float));
    session->linears.quantized = carve(carver, plan->rows, MINNOW_PADDED(plan->input_width));
    session->linears.quantization = carve(carver, plan->rows, sizeof *session->linears.quantization);
}

static enum minnow_status allocate_arena(struct minnow_session *session, const struct minnow_plan *plan,
                                         struct minnow_error *error) {
    struct carver measure = {0};
    carve_session(session, plan, &measure);
    struct carver carver = {.base = measure.overflow ? NULL : aligned_alloc(ALIGNMENT, measure.used)};
    if (!carver.base)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "session: %zu bytes for %zu tokens at once", measure.used,
                           plan->rows);
    carve_session(session, plan, &carver); /* pages are touched when they are used, not before */
    session->arena = carver.base;
    session->batch_tokens = plan->rows;
    return MINNOW_OK;
}

struct preparation {
    struct minnow_session *session;
    enum minnow_status status;
    struct minnow_error *error;
};

static void prepare_linear(void *context, const struct minnow_linear *linear) {
    struct preparation *preparation = context;
    if (preparation->status == MINNOW_OK)
        preparation->status = minnow_linear_prepare(&preparation->session->linears, linear, preparation->error);
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

static enum minnow_status fill_session(struct minnow_session *session, const struct minnow_session_options *options,
                                       struct minnow_error *error) {
    const struct minnow_model *model = session->model;
    enum minnow_status status = start_threads(session, options->threads, error);
    if (status != MINNOW_OK) return status;
    struct minnow_plan plan = plan_model(&model->contents, options->max_batch_tokens);
    if ((status = allocate_arena(session, &plan, error)) != MINNOW_OK) return status;
    session->linears.kernels = session->pass.kernels = &model->kernels;
    session->linears.threads = session->pass.threads = session->threads;
    session->pass.linears = &session->linears;
    return prepare_linears(session, error);
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
    minnow_linear_release(&session->linears);
    minnow_threads_close(session->threads);
    free(session->arena);
    free(session);
}

void minnow_session_observe(struct minnow_session *session, minnow_linear_observer_fn *observe, void *context) {
    session->linears.observe = observe;
    session->linears.observe_context = context;
}
