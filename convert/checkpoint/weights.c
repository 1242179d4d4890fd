#include "convert/checkpoint/weights.h"

#include <stdio.h>
#include <string.h>

static enum minnow_status check_shape(const struct minnow_tensor *tensor, const uint64_t *shape, uint32_t rank,
                                      struct minnow_error *error) {
    if (tensor->rank == rank && !memcmp(tensor->shape, shape, rank * sizeof *shape)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: shape is %s, expected %s", tensor->file, tensor->name,
                       minnow_shape_text(tensor->shape, tensor->rank).text, minnow_shape_text(shape, rank).text);
}

enum minnow_status minnow_weights_find(const struct minnow_weights *weights, const char *name, uint32_t rows,
                                       uint32_t columns, const struct minnow_tensor **tensor,
                                       struct minnow_error *error) {
    char full[MINNOW_WEIGHT_NAME];
    snprintf(full, sizeof full, "%s%s", weights->prefix, name);
    const uint64_t shape[2] = {rows ? rows : columns, columns};
    const uint32_t rank = rows ? 2 : 1;
    *tensor = minnow_tensor_find(weights->source, full);
    if (*tensor) return check_shape(*tensor, shape, rank, error);
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: missing, expected a tensor of shape %s",
                       weights->source->file, full, minnow_shape_text(shape, rank).text);
}

/* Memory is taken only once the shape has been found in the file: a number in config.json alone buys none. */
enum minnow_status minnow_weights_take(const struct minnow_weights *weights, const char *name, uint32_t rows,
                                       uint32_t columns, const float **out, struct minnow_error *error) {
    const struct minnow_tensor *tensor;
    enum minnow_status status = minnow_weights_find(weights, name, rows, columns, &tensor, error);
    if (status) return status;
    float *values = minnow_memory_take(weights->memory, minnow_tensor_count(tensor) * sizeof *values);
    if (!values)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: %s: no memory for it", tensor->file, tensor->name);
    *out = values;
    return minnow_tensor_read(tensor, values, error);
}

enum minnow_status minnow_weights_take_table(const struct minnow_weights *weights, const char *name, const float **out,
                                             uint32_t *rows, uint32_t *columns, struct minnow_error *error) {
    char full[MINNOW_WEIGHT_NAME];
    snprintf(full, sizeof full, "%s%s", weights->prefix, name);
    const struct minnow_tensor *tensor = minnow_tensor_find(weights->source, full);
    if (!tensor)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: missing, expected rows of numbers",
                           weights->source->file, full);
    const uint64_t *shape = tensor->shape;
    if (tensor->rank != 2 || !shape[0] || shape[0] > INT32_MAX || !shape[1] || shape[1] > MINNOW_MAX_WIDTH)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: shape is %s, expected rows of 1 to %u numbers",
                           tensor->file, full, minnow_shape_text(shape, tensor->rank).text, MINNOW_MAX_WIDTH);
    *rows = (uint32_t)shape[0];
    *columns = (uint32_t)shape[1];
    return minnow_weights_take(weights, name, *rows, *columns, out, error);
}

enum minnow_status minnow_weights_linear(const struct minnow_weights *weights, const char *name, uint32_t outputs,
                                         uint32_t inputs, bool bias, struct minnow_linear *linear,
                                         struct minnow_error *error) {
    char full[MINNOW_WEIGHT_NAME];
    const float *values = NULL;
    *linear = (struct minnow_linear){.inputs = inputs, .outputs = outputs, .type = MINNOW_WEIGHT_F32};
    snprintf(full, sizeof full, "%s.weight", name);
    enum minnow_status status = minnow_weights_take(weights, full, outputs, inputs, &values, error);
    linear->weight = values;
    if (status || !bias) return status;
    snprintf(full, sizeof full, "%s.bias", name);
    return minnow_weights_take(weights, full, 0, outputs, &linear->bias, error);
}

enum minnow_status minnow_weights_linear_as_found(const struct minnow_weights *weights, const char *name,
                                                  uint32_t inputs, struct minnow_linear *linear,
                                                  struct minnow_error *error) {
    char full[MINNOW_WEIGHT_NAME];
    snprintf(full, sizeof full, "%s%s.weight", weights->prefix, name);
    const struct minnow_tensor *tensor = minnow_tensor_find(weights->source, full);
    uint64_t outputs = tensor && tensor->rank == 2 ? tensor->shape[0] : 0;
    if (outputs < 1 || outputs > MINNOW_MAX_WIDTH)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: %s, expected a tensor of shape [1 to %u,%u]",
                           weights->source->file, full,
                           tensor ? minnow_shape_text(tensor->shape, tensor->rank).text : "missing", MINNOW_MAX_WIDTH,
                           inputs);
    snprintf(full, sizeof full, "%s%s.bias", weights->prefix, name);
    bool bias = minnow_tensor_find(weights->source, full) != NULL;
    return minnow_weights_linear(weights, name, (uint32_t)outputs, inputs, bias, linear, error);
}
