/* Does this file give on this device what it gave where it was made? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/cosine.h"
#include "runtime/layers/layer.h"
#include "runtime/model/place.h"

/* What f32 linears may differ by: their sums are in an order of XNNPACK's choice. */
#define LEAST_COSINE 0.9999
#define MOST_DIFFERENCE 1e-3f

/* ---- Weights: [-127, 127], or tiers would differ ---- */

struct weight_scan {
    const struct minnow_place *layer;
    bool has_f32;
    enum minnow_status status;
    struct minnow_error *error;
};

static void scan_linear(void *context, const struct minnow_linear *linear) {
    struct weight_scan *scan = context;
    if (linear->type == MINNOW_WEIGHT_F32) {
        scan->has_f32 = true;
        return;
    }
    if (linear->type == MINNOW_WEIGHT_S4) return; /* any codes and steps are good */
    size_t size = minnow_packed_s8_bytes(linear->outputs, linear->inputs);
    const void *found = scan->status == MINNOW_OK ? memchr(linear->weight, (uint8_t)INT8_MIN, size) : NULL;
    if (found)
        scan->status = minnow_fail_at(scan->error, MINNOW_MISMATCH, scan->layer,
                                      "a weight of %u x %u is -128 at byte %td, expected -127 or more", linear->outputs,
                                      linear->inputs, (const char *)found - (const char *)linear->weight);
}

static void scan_route(const struct minnow_route *route, const struct minnow_place *place, struct weight_scan *scan) {
    for (uint32_t i = 0; i < route->layer_count; i++) {
        struct minnow_place layer = {place, "layers", i};
        const struct minnow_layer_operations *operations = minnow_layer_operations(route->layers[i].kind);
        scan->layer = &layer;
        if (operations->linears) operations->linears(&route->layers[i], scan_linear, scan);
    }
}

static enum minnow_status scan_weights(const struct minnow_contents *contents, bool *has_f32,
                                       struct minnow_error *error) {
    struct weight_scan scan = {.status = MINNOW_OK, .error = error};
    for (uint32_t i = 0; i < contents->route_count; i++) {
        struct minnow_place place = {NULL, "routes", i};
        scan_route(&contents->routes[i], &place, &scan);
    }
    *has_f32 = scan.has_f32;
    return scan.status;
}

/* ---- Golden texts ---- */

struct replay {
    const struct minnow_model *model;
    struct minnow_session *session;
    bool exact; /* every bit must be equal */
    uint32_t *ids;
    size_t id_capacity;
    float *vector;
    struct minnow_error *error;
};

static enum minnow_status compare_ids(const struct replay *replay, const struct minnow_golden *golden, size_t count,
                                      const struct minnow_place *place) {
    size_t common = count < golden->id_count ? count : golden->id_count;
    for (size_t i = 0; i < common; i++)
        if (replay->ids[i] != golden->ids[i])
            return minnow_fail_at(replay->error, MINNOW_MISMATCH, place, "token %zu is %u, expected %u", i,
                                  replay->ids[i], golden->ids[i]);
    if (count == golden->id_count) return MINNOW_OK;
    return minnow_fail_at(replay->error, MINNOW_MISMATCH, place, "%zu tokens, expected %u", count, golden->id_count);
}

static enum minnow_status compare_bits(const struct replay *replay, const float *expected, size_t dimensions,
                                       const struct minnow_place *place) {
    for (size_t i = 0; i < dimensions; i++)
        if (memcmp(&replay->vector[i], &expected[i], sizeof *expected) != 0)
            return minnow_fail_at(replay->error, MINNOW_MISMATCH, place, "element %zu of the vector is %a, expected %a",
                                  i, (double)replay->vector[i], (double)expected[i]);
    return MINNOW_OK;
}

static enum minnow_status compare_direction(const struct replay *replay, const float *expected, size_t dimensions,
                                            const struct minnow_place *place) {
    double found = minnow_cosine(replay->vector, expected, dimensions);
    if (found >= LEAST_COSINE) return MINNOW_OK;
    return minnow_fail_at(replay->error, MINNOW_MISMATCH, place,
                          "the vector's cosine to the stored one is %.6f, expected %.4f or more", found, LEAST_COSINE);
}

static enum minnow_status compare_score(const struct replay *replay, float expected, const struct minnow_place *place) {
    float found = replay->vector[0], most = MOST_DIFFERENCE * fmaxf(1, fabsf(expected));
    if (fabsf(found - expected) <= most) return MINNOW_OK;
    return minnow_fail_at(replay->error, MINNOW_MISMATCH, place, "the score is %g, expected %g", (double)found,
                          (double)expected);
}

/* What comes of the text, and how many numbers it is. */
static enum minnow_status compute(const struct replay *replay, const struct minnow_golden *golden, size_t *size) {
    const struct minnow_contents *contents = &replay->model->contents;
    const struct minnow_route *route = minnow_route_of(contents, golden->role);
    *size = contents->similarity == MINNOW_JOINT ? 1 : route->dimensions;
    if (contents->similarity == MINNOW_JOINT)
        return minnow_score(replay->session, golden->text, &golden->document, 1, replay->vector, NULL, NULL,
                            replay->error);
    if (contents->similarity != MINNOW_MAXSIM)
        return minnow_encode(replay->session, golden->role, &golden->text, 1, replay->vector, NULL, replay->error);
    uint32_t rows = 0;
    enum minnow_status status = minnow_encode_tokens(replay->session, golden->role, &golden->text, 1, replay->vector,
                                                     &rows, NULL, replay->error);
    *size *= rows;
    return status;
}

static enum minnow_status compare_result(const struct replay *replay, const struct minnow_golden *golden, size_t size,
                                         const struct minnow_place *place) {
    if (size != golden->vector_size)
        return minnow_fail_at(replay->error, MINNOW_MISMATCH, place, "%zu numbers, expected %u", size,
                              golden->vector_size);
    if (replay->exact) return compare_bits(replay, golden->vector, size, place);
    return replay->model->contents.similarity == MINNOW_JOINT
               ? compare_score(replay, golden->vector[0], place)
               : compare_direction(replay, golden->vector, size, place);
}

static enum minnow_status replay_one(const struct replay *replay, const struct minnow_golden *golden,
                                     const struct minnow_place *place) {
    size_t count = 0, size = 0;
    enum minnow_status status = minnow_tokenize(replay->model, golden->role, golden->text, 0, replay->ids,
                                                replay->id_capacity, &count, replay->error);
    if (status == MINNOW_OK) status = compare_ids(replay, golden, count, place);
    if (status == MINNOW_OK) status = compute(replay, golden, &size);
    return status == MINNOW_OK ? compare_result(replay, golden, size, place) : status;
}

static enum minnow_status replay_all(const struct replay *replay) {
    for (uint32_t i = 0; i < replay->model->contents.golden_count; i++) {
        struct minnow_place place = {NULL, "golden", i};
        enum minnow_status status = replay_one(replay, &replay->model->contents.golden[i], &place);
        if (status != MINNOW_OK) return status;
    }
    return MINNOW_OK;
}

static size_t most_tokens(const struct minnow_contents *contents) {
    size_t query = contents->inputs[MINNOW_QUERY].max_tokens, document = contents->inputs[MINNOW_DOCUMENT].max_tokens;
    return query > document ? query : document;
}

/* Numbers that come of one text. */
static size_t result_room(const struct minnow_contents *contents) {
    const struct minnow_route *route = minnow_route_of(contents, MINNOW_DOCUMENT);
    size_t dimensions = route ? route->dimensions : 1;
    return contents->similarity == MINNOW_MAXSIM ? most_tokens(contents) * dimensions : dimensions;
}

static enum minnow_status replay_golden(const struct minnow_model *model, bool exact, struct minnow_error *error) {
    struct replay replay = {
        .model = model, .exact = exact, .id_capacity = most_tokens(&model->contents), .error = error};
    enum minnow_status status = minnow_session_create(model, NULL, &replay.session, error);
    if (status != MINNOW_OK) return status;
    replay.ids = calloc(replay.id_capacity, sizeof *replay.ids);
    replay.vector = calloc(result_room(&model->contents), sizeof *replay.vector);
    if (replay.ids && replay.vector)
        status = replay_all(&replay);
    else
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "golden texts");
    free(replay.ids);
    free(replay.vector);
    minnow_session_close(replay.session);
    return status;
}

enum minnow_status minnow_model_verify(const struct minnow_model *model, struct minnow_error *error) {
    if (!model) return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_model_verify: model");
    bool has_f32 = false;
    enum minnow_status status = MINNOW_OK;
    if (model->bytes) status = minnow_file_check_digest(model->bytes, model->size, error);
    if (status == MINNOW_OK) status = scan_weights(&model->contents, &has_f32, error);
    if (status == MINNOW_OK) status = replay_golden(model, !has_f32, error);
    return status;
}
