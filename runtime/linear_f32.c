#include "runtime/linear_f32.h"

#include <math.h>
#include <stdlib.h>
#include <xnnpack.h>

struct minnow_linear_operator {
    const struct minnow_linear *linear;
    xnn_operator_t operation;
};

static const struct minnow_linear_operator *find(const struct minnow_linear_f32 *f32,
                                                 const struct minnow_linear *linear) {
    for (size_t i = 0; i < f32->count; i++)
        if (f32->operators[i].linear == linear) return &f32->operators[i];
    return NULL;
}

static bool grow(struct minnow_linear_f32 *f32) {
    if (f32->count < f32->capacity) return true;
    size_t capacity = f32->capacity ? 2 * f32->capacity : 32;
    struct minnow_linear_operator *more = realloc(f32->operators, capacity * sizeof *more);
    if (!more) return false;
    f32->operators = more;
    f32->capacity = capacity;
    return true;
}

enum minnow_status minnow_linear_f32_prepare(struct minnow_linear_f32 *f32, const struct minnow_linear *linear,
                                             struct minnow_error *error) {
    if (find(f32, linear)) return MINNOW_OK;
    if (xnn_initialize(NULL) != xnn_status_success)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "f32 weights: XNNPACK does not run on this CPU");
    if (!grow(f32)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "f32 weights: operator list");
    struct minnow_linear_operator entry = {.linear = linear};
    enum xnn_status status = xnn_create_fully_connected_nc_f32(
        linear->inputs, linear->outputs, MINNOW_PADDED(linear->inputs), MINNOW_PADDED(linear->outputs), linear->weight,
        linear->bias, -INFINITY, INFINITY, 0, &entry.operation);
    if (status != xnn_status_success)
        return minnow_fail(error, status == xnn_status_out_of_memory ? MINNOW_OUT_OF_MEMORY : MINNOW_UNSUPPORTED,
                           "f32 weights: XNNPACK refused a %u x %u layer (status %d)", linear->outputs, linear->inputs,
                           (int)status);
    f32->operators[f32->count++] = entry;
    return MINNOW_OK;
}

/* Setting up and running a prepared operator cannot fail: it was initialized and its shape is fixed. */
void minnow_linear_f32_run(const struct minnow_linear_f32 *f32, const struct minnow_linear *linear, const float *in,
                           size_t rows, float *out, struct pthreadpool *pool) {
    xnn_operator_t operation = find(f32, linear)->operation;
    xnn_setup_fully_connected_nc_f32(operation, rows, in, out, pool);
    xnn_run_operator(operation, pool);
}

void minnow_linear_f32_release(struct minnow_linear_f32 *f32) {
    for (size_t i = 0; i < f32->count; i++) xnn_delete_operator(f32->operators[i].operation);
    free(f32->operators);
    *f32 = (struct minnow_linear_f32){0};
}
