/* A linear for the s8 kernels. */
#include <string.h>

#include "convert/quantize/compensate.h"
#include "convert/quantize/equalize.h"
#include "convert/quantize/quantize.h"
#include "convert/quantize/rounding.h"

static const double DAMPING = 0.01; /* as the paper has it */

struct target {
    int8_t *rows;     /* [outputs][inputs], before packing */
    float *equalized; /* the same, before rounding */
    int8_t *packed;
    float *scale, *bias;
    int32_t *column_sum;
};

static bool take_target(const struct minnow_linear *linear, struct minnow_memory *memory, struct target *target) {
    size_t outputs = MINNOW_PADDED(linear->outputs), weights = (size_t)linear->outputs * linear->inputs;
    target->rows = minnow_memory_take(memory, weights);
    target->equalized = minnow_memory_take(memory, weights * sizeof(float));
    target->packed = minnow_memory_take(memory, minnow_packed_s8_bytes(linear->outputs, linear->inputs));
    target->scale = minnow_memory_take(memory, outputs * sizeof(float));
    target->bias = minnow_memory_take(memory, outputs * sizeof(float));
    target->column_sum = minnow_memory_take(memory, outputs * sizeof(int32_t));
    return target->rows && target->equalized && target->packed && target->scale && target->bias && target->column_sum;
}

static bool round_weights(const struct minnow_linear *linear, const struct minnow_linear_statistics *statistics,
                          struct target *target) {
    size_t inputs = linear->inputs;
    for (size_t o = 0; o < linear->outputs; o++)
        target->scale[o] = minnow_best_scale(target->equalized + o * inputs, inputs);
    if (statistics)
        return minnow_round_compensated(target->equalized, linear->outputs, inputs,
                                        &(struct minnow_grid){.scale = target->scale}, statistics->moment,
                                        DAMPING, target->rows);
    for (size_t o = 0; o < linear->outputs; o++)
        minnow_round_s8(target->equalized + o * inputs, inputs, target->scale[o], target->rows + o * inputs);
    return true;
}

/* What rounding adds to an output on average, its bias takes away. */
static double mean_error(const struct minnow_linear *linear, const struct minnow_linear_statistics *statistics,
                         const struct target *target, size_t o) {
    const float *weight = (const float *)linear->weight + o * linear->inputs;
    const int8_t *row = target->rows + o * linear->inputs;
    double sum = 0;
    for (size_t i = 0; i < linear->inputs; i++)
        sum += statistics->rounded_mean[i] * (double)target->scale[o] * (double)row[i] -
               statistics->input_mean[i] * (double)weight[i];
    return sum;
}

static void finish_outputs(const struct minnow_linear *linear, const struct minnow_linear_statistics *statistics,
                           struct target *target) {
    for (size_t o = 0; o < linear->outputs; o++) {
        for (size_t i = 0; i < linear->inputs; i++) target->column_sum[o] += target->rows[o * linear->inputs + i];
        target->bias[o] = linear->bias ? linear->bias[o] : 0;
        if (statistics) target->bias[o] -= (float)mean_error(linear, statistics, target, o);
    }
    minnow_pack_s8(target->rows, linear->outputs, linear->inputs, target->packed);
}

enum minnow_status minnow_quantize_linear(const struct minnow_linear *linear,
                                          const struct minnow_linear_statistics *statistics,
                                          struct minnow_memory *memory, struct minnow_linear *out,
                                          struct minnow_error *error) {
    if (linear->inputs > MINNOW_MAX_INPUTS)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "a layer has %u inputs; 8-bit weights allow %u: use --weights f32", linear->inputs,
                           MINNOW_MAX_INPUTS);
    struct target target;
    if (!take_target(linear, memory, &target)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "quantized weights");
    if (statistics)
        minnow_rotate_weights(linear, statistics->multiplier, statistics->rotation, target.equalized);
    else
        memcpy(target.equalized, linear->weight, (size_t)linear->outputs * linear->inputs * sizeof(float));
    if (!round_weights(linear, statistics, &target))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "compensated rounding");
    finish_outputs(linear, statistics, &target);
    *out = (struct minnow_linear){.inputs = linear->inputs,
                                  .outputs = linear->outputs,
                                  .type = MINNOW_WEIGHT_S8,
                                  .weight = target.packed,
                                  .scale = target.scale,
                                  .column_sum = target.column_sum,
                                  .bias = target.bias,
                                  .input_multiplier = statistics ? statistics->multiplier : NULL,
                                  .input_rotation = statistics ? statistics->rotation : 0};
    return MINNOW_OK;
}

enum minnow_status minnow_quantize_table(const struct minnow_table *table, struct minnow_memory *memory,
                                         struct minnow_table *out, struct minnow_error *error) {
    *out = *table;
    if (table->rows == 0) return MINNOW_OK;
    int8_t *data = minnow_memory_take(memory, (size_t)table->rows * table->width);
    float *scale = minnow_memory_take(memory, table->rows * sizeof *scale);
    if (!data || !scale) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "quantized table");
    for (uint32_t r = 0; r < table->rows; r++) {
        const float *row = (const float *)table->data + (size_t)r * table->width;
        scale[r] = minnow_best_scale(row, table->width);
        minnow_round_s8(row, table->width, scale[r], data + (size_t)r * table->width);
    }
    out->type = MINNOW_WEIGHT_S8;
    out->data = data;
    out->scale = scale;
    return MINNOW_OK;
}
