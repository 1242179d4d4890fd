/* A linear for the s8 kernels. */
#include <math.h>
#include <string.h>

#include "convert/quantize/quantize.h"
#include "convert/quantize/rounding.h"

float *minnow_equalize(const struct minnow_linear *linear, const float *largest_input, float strength,
                       struct minnow_memory *memory) {
    float *multiplier = minnow_memory_take(memory, linear->inputs * sizeof *multiplier);
    if (!multiplier) return NULL;
    const float *weight = linear->weight;
    for (uint32_t o = 0; o < linear->outputs; o++)
        for (uint32_t i = 0; i < linear->inputs; i++)
            multiplier[i] = fmaxf(multiplier[i], fabsf(weight[(size_t)o * linear->inputs + i]));
    for (uint32_t i = 0; i < linear->inputs; i++) {
        float wanted = powf(multiplier[i], 1 - strength) / powf(largest_input[i], strength);
        /* A channel that is always zero, on either side, needs no help. */
        multiplier[i] = wanted > 1e-6f && wanted < 1e6f ? wanted : 1;
    }
    return multiplier;
}

struct target {
    int8_t *rows; /* [outputs][inputs], before packing */
    int8_t *packed;
    float *scale, *bias, *equalized;
    int32_t *column_sum;
};

static bool take_target(const struct minnow_linear *linear, struct minnow_memory *memory, struct target *target) {
    size_t outputs = MINNOW_PADDED(linear->outputs);
    target->rows = minnow_memory_take(memory, (size_t)linear->outputs * linear->inputs);
    target->packed = minnow_memory_take(memory, minnow_packed_s8_bytes(linear->outputs, linear->inputs));
    target->scale = minnow_memory_take(memory, outputs * sizeof(float));
    target->bias = minnow_memory_take(memory, outputs * sizeof(float));
    target->column_sum = minnow_memory_take(memory, outputs * sizeof(int32_t));
    target->equalized = minnow_memory_take(memory, linear->inputs * sizeof(float));
    return target->rows && target->packed && target->scale && target->bias && target->column_sum && target->equalized;
}

static void quantize_output(const struct minnow_linear *linear, const float *multiplier, uint32_t output,
                            struct target *target) {
    const float *weight = (const float *)linear->weight + (size_t)output * linear->inputs;
    int8_t *row = target->rows + (size_t)output * linear->inputs;
    for (uint32_t i = 0; i < linear->inputs; i++)
        target->equalized[i] = multiplier ? weight[i] / multiplier[i] : weight[i];
    target->scale[output] = minnow_best_scale(target->equalized, NULL, linear->inputs);
    minnow_round_s8(target->equalized, linear->inputs, target->scale[output], row);
    for (uint32_t i = 0; i < linear->inputs; i++) target->column_sum[output] += row[i];
    if (linear->bias) target->bias[output] = linear->bias[output];
}

enum minnow_status minnow_quantize_linear(const struct minnow_linear *linear, const float *multiplier,
                                          struct minnow_memory *memory, struct minnow_linear *out,
                                          struct minnow_error *error) {
    if (linear->inputs > MINNOW_MAX_INPUTS)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "a layer has %u inputs; 8-bit weights allow %u: use --weights f32",
                           linear->inputs, MINNOW_MAX_INPUTS);
    struct target target;
    if (!take_target(linear, memory, &target)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "quantized weights");
    for (uint32_t o = 0; o < linear->outputs; o++) quantize_output(linear, multiplier, o, &target);
    minnow_pack_s8(target.rows, linear->outputs, linear->inputs, target.packed);
    *out = (struct minnow_linear){.inputs = linear->inputs,
                                  .outputs = linear->outputs,
                                  .type = MINNOW_WEIGHT_S8,
                                  .weight = target.packed,
                                  .scale = target.scale,
                                  .column_sum = target.column_sum,
                                  .bias = target.bias,
                                  .input_multiplier = multiplier};
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
        scale[r] = minnow_best_scale(row, NULL, table->width);
        minnow_round_s8(row, table->width, scale[r], data + (size_t)r * table->width);
    }
    out->type = MINNOW_WEIGHT_S8;
    out->data = data;
    out->scale = scale;
    return MINNOW_OK;
}
