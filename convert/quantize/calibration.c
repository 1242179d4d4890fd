#include "convert/quantize/calibration.h"

#include <stdlib.h>

#include "convert/exercise.h"
#include "convert/quantize/equalize.h"
#include "convert/quantize/statistics.h"

enum { LINEARS_PER_LAYER = MINNOW_MAX_BRANCHES };

struct pass {
    const struct minnow_model *model;
    struct minnow_session *session;
    const struct minnow_text *texts;
    size_t count;
    const struct minnow_progress *progress;
    struct minnow_error *error;
};

static enum minnow_status run_pass(struct pass *pass, const char *stage, minnow_linear_observer_fn *observe,
                                   struct minnow_watch *watch) {
    struct minnow_exercise exercise;
    minnow_session_observe(pass->session, observe, watch);
    enum minnow_status status = minnow_exercise_run(pass->session, &pass->model->contents, pass->texts, pass->count,
                                                    stage, pass->progress, &exercise, pass->error);
    free(exercise.numbers);
    if (status == MINNOW_OK && watch->out_of_memory)
        return minnow_fail(pass->error, MINNOW_OUT_OF_MEMORY, "calibration");
    return status;
}

static struct minnow_linear_statistics *find(const struct minnow_calibration *calibration,
                                             const struct minnow_linear *linear) {
    for (size_t i = 0; i < calibration->count; i++)
        if (calibration->linears[i].linear == linear) return &calibration->linears[i];
    return NULL;
}

/* The multiplier of a window is that of its tokens, once for each. */
static void repeat(float *multiplier, size_t period, size_t count) {
    for (size_t i = period; i < count; i++) multiplier[i] = multiplier[i - period];
}

static void equalize_windows(const struct minnow_calibration *calibration,
                             const struct minnow_convolution *convolution) {
    struct minnow_linear_statistics *branches[MINNOW_MAX_BRANCHES];
    const double *input_squares[MINNOW_MAX_BRANCHES];
    size_t padded = MINNOW_PADDED(convolution->width);
    for (uint32_t i = 0; i < convolution->branch_count; i++) {
        branches[i] = find(calibration, &convolution->branches[i].linear);
        if (!branches[i]) return; /* no text came here */
        input_squares[i] = branches[i]->input_square;
    }
    for (uint32_t i = 0; i < convolution->branch_count; i++) {
        minnow_equalize_windows(convolution, input_squares, branches[i]->multiplier);
        repeat(branches[i]->multiplier, padded, branches[i]->linear->inputs);
        branches[i]->rotation = minnow_rotation_for((uint32_t)padded);
    }
}

static void equalize_all(const struct minnow_contents *contents, const struct minnow_calibration *calibration) {
    for (size_t i = 0; i < calibration->count; i++) {
        struct minnow_linear_statistics *statistics = &calibration->linears[i];
        minnow_equalize(statistics->linear, statistics->input_square, statistics->multiplier);
        statistics->rotation = minnow_rotation_for(statistics->linear->inputs);
        statistics->rows = 0; /* the second pass counts again */
    }
    for (uint32_t r = 0; r < contents->route_count; r++)
        for (uint32_t i = 0; i < contents->routes[r].layer_count; i++)
            if (contents->routes[r].layers[i].kind == MINNOW_LAYER_CONVOLUTION)
                equalize_windows(calibration, &contents->routes[r].layers[i].convolution);
}

static size_t widest_input(const struct minnow_calibration *calibration) {
    size_t widest = 0;
    for (size_t i = 0; i < calibration->count; i++)
        if (calibration->linears[i].linear->inputs > widest) widest = calibration->linears[i].linear->inputs;
    return widest;
}

static enum minnow_status run_passes(struct minnow_watch *watch, struct pass *pass) {
    enum minnow_status status = run_pass(pass, "measuring", minnow_watch_sizes, watch);
    if (status != MINNOW_OK) return status;
    equalize_all(&pass->model->contents, watch->calibration);
    size_t widest = MINNOW_PADDED(widest_input(watch->calibration));
    watch->rotated = minnow_memory_take(watch->memory, MINNOW_WATCH_ROWS * widest * sizeof(float));
    watch->rounded = minnow_memory_take(watch->memory, MINNOW_WATCH_ROWS * widest);
    watch->restored = minnow_memory_take(watch->memory, MINNOW_WATCH_ROWS * widest * sizeof(float));
    if (!watch->rotated || !watch->rounded || !watch->restored)
        return minnow_fail(pass->error, MINNOW_OUT_OF_MEMORY, "calibration");
    return run_pass(pass, "calibrating", minnow_watch_moments, watch);
}

static enum minnow_status take_room(struct minnow_watch *watch, struct pass *pass) {
    const struct minnow_contents *contents = &pass->model->contents;
    size_t layers = 0;
    for (uint32_t r = 0; r < contents->route_count; r++) layers += contents->routes[r].layer_count;
    struct minnow_calibration *calibration = watch->calibration;
    *calibration = (struct minnow_calibration){.capacity = LINEARS_PER_LAYER * layers};
    calibration->linears = minnow_memory_take(watch->memory, calibration->capacity * sizeof *calibration->linears);
    return calibration->linears ? MINNOW_OK : minnow_fail(pass->error, MINNOW_OUT_OF_MEMORY, "calibration");
}

enum minnow_status minnow_calibrate(const struct minnow_model *model, const struct minnow_text *texts, size_t count,
                                    uint32_t threads, const struct minnow_progress *progress,
                                    struct minnow_memory *memory, struct minnow_calibration *calibration,
                                    struct minnow_error *error) {
    struct minnow_watch watch = {.calibration = calibration, .memory = memory, .kernels = &model->kernels};
    struct pass pass = {.model = model, .texts = texts, .count = count, .progress = progress, .error = error};
    struct minnow_session_options options = {.size = sizeof options, .threads = threads};
    enum minnow_status status = take_room(&watch, &pass);
    if (status == MINNOW_OK) status = minnow_session_create(model, &options, &pass.session, error);
    if (status != MINNOW_OK) return status;
    status = run_passes(&watch, &pass);
    minnow_session_close(pass.session);
    return status;
}

const struct minnow_linear_statistics *minnow_calibration_find(const struct minnow_calibration *calibration,
                                                               const struct minnow_linear *linear) {
    return find(calibration, linear);
}
