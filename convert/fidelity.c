#include "convert/fidelity.h"

#include <math.h>
#include <stdlib.h>

#include "convert/exercise.h"
#include "runtime/cosine.h"
#include "runtime/error.h"

static enum minnow_status exercise(const struct minnow_model *model, const struct minnow_text *texts, size_t count,
                                   uint32_t threads, const struct minnow_progress *progress,
                                   struct minnow_exercise *out, struct minnow_error *error) {
    struct minnow_session_options options = {.size = sizeof options, .threads = threads};
    struct minnow_session *session;
    enum minnow_status status = minnow_session_create(model, &options, &session, error);
    if (status != MINNOW_OK) return status;
    status = minnow_exercise_run(session, &model->contents, texts, count, "comparing", progress, out, error);
    minnow_session_close(session);
    return status;
}

static void compare_vectors(const struct minnow_exercise *expected, const struct minnow_exercise *found,
                            struct minnow_fidelity *fidelity) {
    size_t width = expected->width;
    *fidelity = (struct minnow_fidelity){.worst_cosine = 1};
    for (size_t i = 0; i < expected->count; i++) {
        double value = minnow_cosine(expected->numbers + i * width, found->numbers + i * width, width);
        fidelity->mean_cosine += value / (double)expected->count;
        if (value < fidelity->worst_cosine) fidelity->worst_cosine = value;
    }
}

/* Pearson's correlation. */
static double correlation(const float *a, const float *b, size_t count) {
    double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i++) {
        mean_a += (double)a[i] / (double)count;
        mean_b += (double)b[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double x = (double)a[i] - mean_a, y = (double)b[i] - mean_b;
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 1;
}

enum minnow_status minnow_measure_fidelity(const struct minnow_model *reference, const struct minnow_model *model,
                                           const struct minnow_text *texts, size_t count, uint32_t threads,
                                           const struct minnow_progress *progress, struct minnow_fidelity *fidelity,
                                           struct minnow_error *error) {
    struct minnow_exercise expected = {0}, found = {0};
    enum minnow_status status = exercise(reference, texts, count, threads, progress, &expected, error);
    if (status == MINNOW_OK) status = exercise(model, texts, count, threads, progress, &found, error);
    if (status == MINNOW_OK) compare_vectors(&expected, &found, fidelity);
    if (status == MINNOW_OK && reference->contents.similarity == MINNOW_JOINT)
        *fidelity = (struct minnow_fidelity){
            .score_correlation = correlation(expected.numbers, found.numbers, expected.count)};
    free(expected.numbers);
    free(found.numbers);
    return status;
}
