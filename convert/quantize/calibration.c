#include "convert/quantize/calibration.h"

#include <math.h>

enum { TEXTS_AT_ONCE = 16 };

struct watch {
    struct minnow_calibration *calibration;
    struct minnow_memory *memory;
    bool out_of_memory;
};

static struct minnow_input_range *range_of(struct watch *watch, const struct minnow_linear *linear) {
    struct minnow_calibration *calibration = watch->calibration;
    for (size_t i = 0; i < calibration->count; i++)
        if (calibration->ranges[i].linear == linear) return &calibration->ranges[i];
    float *largest = minnow_memory_take(watch->memory, linear->inputs * sizeof *largest);
    if (!largest || calibration->count == calibration->capacity) return NULL;
    calibration->ranges[calibration->count] = (struct minnow_input_range){linear, largest};
    return &calibration->ranges[calibration->count++];
}

static void observe(void *context, const struct minnow_linear *linear, const float *rows, size_t row_count,
                    size_t stride) {
    struct watch *watch = context;
    struct minnow_input_range *range = range_of(watch, linear);
    if (!range) {
        watch->out_of_memory = true;
        return;
    }
    for (size_t r = 0; r < row_count; r++)
        for (uint32_t c = 0; c < linear->inputs; c++) {
            float magnitude = fabsf(rows[r * stride + c]);
            if (magnitude > range->largest[c]) range->largest[c] = magnitude;
        }
}

static size_t count_linears(const struct minnow_contents *contents) {
    size_t layers = 0;
    for (uint32_t r = 0; r < contents->route_count; r++) layers += contents->routes[r].layer_count;
    return 4 * layers; /* no layer has more than four */
}

static enum minnow_status encode_all(struct minnow_session *session, enum minnow_role role,
                                     const struct minnow_text *texts, size_t count, float *vectors,
                                     const struct minnow_progress *progress, struct minnow_error *error) {
    for (size_t first = 0; first < count; first += TEXTS_AT_ONCE) {
        size_t some = count - first < TEXTS_AT_ONCE ? count - first : TEXTS_AT_ONCE;
        enum minnow_status status = minnow_encode(session, role, texts + first, some, vectors, NULL, error);
        if (status != MINNOW_OK) return status;
        if (progress->report) progress->report(progress->context, "calibrating", first + some, count);
    }
    return MINNOW_OK;
}

static enum minnow_status watch_model(struct watch *watch, const struct minnow_model *model,
                                      struct minnow_session *session, const struct minnow_text *texts, size_t count,
                                      const struct minnow_progress *progress, struct minnow_error *error) {
    const struct minnow_contents *contents = &model->contents;
    struct minnow_calibration *calibration = watch->calibration;
    calibration->capacity = count_linears(contents);
    calibration->ranges = minnow_memory_take(watch->memory, calibration->capacity * sizeof *calibration->ranges);
    uint32_t dimensions = contents->routes[0].dimensions;
    float *vectors = minnow_memory_take(watch->memory, TEXTS_AT_ONCE * dimensions * sizeof *vectors);
    if (!calibration->ranges || !vectors) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "calibration");
    minnow_session_observe(session, observe, watch);
    bool same = contents->route_of_role[0] == contents->route_of_role[1];
    enum minnow_status status = encode_all(session, MINNOW_DOCUMENT, texts, count, vectors, progress, error);
    if (status == MINNOW_OK && !same)
        status = encode_all(session, MINNOW_QUERY, texts, count, vectors, progress, error);
    if (status == MINNOW_OK && watch->out_of_memory) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "calibration");
    return status;
}

enum minnow_status minnow_calibrate(const struct minnow_model *model, const struct minnow_text *texts, size_t count,
                                    uint32_t threads, const struct minnow_progress *progress,
                                    struct minnow_memory *memory, struct minnow_calibration *calibration,
                                    struct minnow_error *error) {
    struct watch watch = {.calibration = calibration, .memory = memory};
    struct minnow_session_options options = {.size = sizeof options, .threads = threads};
    struct minnow_session *session;
    *calibration = (struct minnow_calibration){0};
    enum minnow_status status = minnow_session_create(model, &options, &session, error);
    if (status != MINNOW_OK) return status;
    status = watch_model(&watch, model, session, texts, count, progress, error);
    minnow_session_close(session);
    return status;
}

const float *minnow_calibration_find(const struct minnow_calibration *calibration, const struct minnow_linear *linear) {
    for (size_t i = 0; i < calibration->count; i++)
        if (calibration->ranges[i].linear == linear) return calibration->ranges[i].largest;
    return NULL;
}
