#include "convert/fidelity.h"

#include <stdlib.h>

#include "runtime/cosine.h"
#include "runtime/error.h"

static enum minnow_status encode_all(const struct minnow_model *model, const struct minnow_text *texts, size_t count,
                                     uint32_t threads, float *vectors, struct minnow_error *error) {
    struct minnow_session_options options = {.size = sizeof options, .threads = threads};
    struct minnow_session *session;
    enum minnow_status status = minnow_session_create(model, &options, &session, error);
    if (status != MINNOW_OK) return status;
    status = minnow_encode(session, MINNOW_DOCUMENT, texts, count, vectors, NULL, error);
    minnow_session_close(session);
    return status;
}

static void compare(const float *expected, const float *found, size_t count, size_t dimensions,
                    struct minnow_fidelity *fidelity) {
    *fidelity = (struct minnow_fidelity){.mean_cosine = 0, .worst_cosine = 1};
    for (size_t i = 0; i < count; i++) {
        double value = minnow_cosine(expected + i * dimensions, found + i * dimensions, dimensions);
        fidelity->mean_cosine += value / (double)count;
        if (value < fidelity->worst_cosine) fidelity->worst_cosine = value;
    }
}

enum minnow_status minnow_measure_fidelity(const struct minnow_model *reference, const struct minnow_model *model,
                                           const struct minnow_text *texts, size_t count, uint32_t threads,
                                           const struct minnow_progress *progress, struct minnow_fidelity *fidelity,
                                           struct minnow_error *error) {
    struct minnow_model_info info;
    minnow_model_info(reference, &info);
    size_t dimensions = info.dimensions;
    float *vectors = calloc(2 * count + 1, dimensions * sizeof *vectors);
    if (!vectors) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "vectors of %zu texts", count);
    if (progress->report) progress->report(progress->context, "comparing", 0, 2);
    enum minnow_status status = encode_all(reference, texts, count, threads, vectors, error);
    if (status == MINNOW_OK && progress->report) progress->report(progress->context, "comparing", 1, 2);
    if (status == MINNOW_OK) status = encode_all(model, texts, count, threads, vectors + count * dimensions, error);
    if (status == MINNOW_OK) compare(vectors, vectors + count * dimensions, count, dimensions, fidelity);
    if (status == MINNOW_OK && progress->report) progress->report(progress->context, "comparing", 2, 2);
    free(vectors);
    return status;
}
