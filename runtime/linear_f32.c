#include "runtime/linear_f32.h"

#include <math.h>
#include <stdlib.h>
#include <xnnpack.h>

struct minnow_linear_f32 {
    const struct minnow_linear *linear;
    xnn_operator_t operation;
};

static struct minnow_linear_f32 *find(const struct minnow_linear_runner *runner, const struct minnow_linear *linear) {
    for (size_t i = 0; i < runner->f32_count; i++)
        if (runner->f32[i].linear == linear) return &runner->f32[i];
    return NULL;
}

static bool grow(struct minnow_linear_runner *runner) {
    if (runner->f32_count < runner->f32_capacity) return true;
    size_t capacity = runner->f32_capacity ? 2 * runner->f32_capacity : 32;
    struct minnow_linear_f32 *more = realloc(runner->f32, capacity * sizeof *more);
    if (!more) return false;
    runner->f32 = more;
    runner->f32_capacity = capacity;
    return true;
}

enum minnow_status minnow_linear_f32_prepare(struct minnow_linear_runner *runner, const struct minnow_linear *linear,
                                             struct minnow_error *error) {
    if (find(runner, linear)) return MINNOW_OK;
    if (xnn_initialize(NULL) != xnn_status_success)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "f32 weights: XNNPACK does not run on this CPU");
    if (!grow(runner)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "f32 weights: operator list");
    struct minnow_linear_f32 entry = {.linear = linear};
    enum xnn_status status = xnn_create_fully_connected_nc_f32(
        linear->inputs, linear->outputs, MINNOW_PADDED(linear->inputs), MINNOW_PADDED(linear->outputs), linear->weight,
        linear->bias, -INFINITY, INFINITY, 0, &entry.operation);
    if (status != xnn_status_success)
        return minnow_fail(error, status == xnn_status_out_of_memory ? MINNOW_OUT_OF_MEMORY : MINNOW_UNSUPPORTED,
                           "f32 weights: XNNPACK refused a %u x %u layer (status %d)", linear->outputs, linear->inputs,
                           (int)status);
    runner->f32[runner->f32_count++] = entry;
    return MINNOW_OK;
}

/* Setting up and running a prepared operator cannot fail: it was initialized and its shape is fixed. */
void minnow_linear_f32_run(struct minnow_linear_runner *runner, const struct minnow_linear *linear, const float *in,
                           size_t rows, float *out) {
    struct pthreadpool *pool = minnow_threads_pool(runner->threads);
    xnn_operator_t operation = find(runner, linear)->operation;
    xnn_setup_fully_connected_nc_f32(operation, rows, in, out, pool);
    xnn_run_operator(operation, pool);
}

void minnow_linear_f32_release(struct minnow_linear_runner *runner) {
    for (size_t i = 0; i < runner->f32_count; i++) xnn_delete_operator(runner->f32[i].operation);
    free(runner->f32);
    runner->f32 = NULL;
    runner->f32_count = runner->f32_capacity = 0;
}
