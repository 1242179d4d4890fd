#include "convert/quantize/s4.h"

#include <string.h>

#include "convert/quantize/compensate.h"
#include "convert/quantize/descend.h"
#include "convert/quantize/equalize.h"

/* Of the moment's mean diagonal. The coarser the levels, the less may one weight make up for many. */
static const double DAMPING_S8 = 0.01, DAMPING_S4 = 0.1;

/* What a linear becomes; the first four and codes are [outputs][inputs]. */
struct target {
    float *exact, *wanted, *effective;
    int8_t *rows;
    uint8_t *codes, *steps, *packed, *packed_steps; /* steps: s4 */
    float *scale, *bias;
    int32_t *column_sum;
};

static bool take_target(const struct minnow_linear *linear, bool s4, struct minnow_memory *memory, struct target *t) {
    size_t outputs = MINNOW_PADDED(linear->outputs), weights = (size_t)linear->outputs * linear->inputs;
    t->exact = minnow_memory_take(memory, weights * sizeof(float));
    t->wanted = minnow_memory_take(memory, weights * sizeof(float));
    t->effective = minnow_memory_take(memory, weights * sizeof(float));
    t->rows = minnow_memory_take(memory, weights);
    t->codes = minnow_memory_take(memory, s4 ? weights : 0);
    t->steps = minnow_memory_take(memory, s4 ? linear->outputs * MINNOW_GROUPS(linear->inputs) : 0);
    t->packed = minnow_memory_take(memory, minnow_packed_s8_bytes(linear->outputs, linear->inputs) / (s4 ? 2 : 1));
    t->packed_steps = minnow_memory_take(memory, s4 ? minnow_packed_s4_step_bytes(linear->outputs, linear->inputs) : 0);
    t->scale = minnow_memory_take(memory, outputs * sizeof(float));
    t->bias = minnow_memory_take(memory, outputs * sizeof(float));
    t->column_sum = minnow_memory_take(memory, outputs * sizeof(int32_t));
    return t->exact && t->wanted && t->effective && t->rows && t->codes && t->steps && t->packed && t->packed_steps &&
           t->scale && t->bias && t->column_sum;
}

static bool round_s4(const struct minnow_linear *linear, const float *moment, struct target *t) {
    size_t outputs = linear->outputs, inputs = linear->inputs;
    struct minnow_grid grid = {t->scale, t->steps};
    for (size_t o = 0; o < outputs; o++)
        t->scale[o] = minnow_best_steps(t->wanted + o * inputs, inputs, t->steps + o * MINNOW_GROUPS(inputs));
    return minnow_round_compensated(t->wanted, outputs, inputs, &grid, moment, DAMPING_S4, t->rows) &&
           minnow_round_descend(t->wanted, outputs, inputs, &grid, moment, t->rows);
}

static bool round_s8(const struct minnow_linear *linear, const float *moment, struct target *t) {
    size_t outputs = linear->outputs, inputs = linear->inputs;
    struct minnow_grid grid = {t->scale, NULL};
    for (size_t o = 0; o < outputs; o++) t->scale[o] = minnow_best_scale(t->wanted + o * inputs, inputs);
    return minnow_round_compensated(t->wanted, outputs, inputs, &grid, moment, DAMPING_S8, t->rows);
}

static void finish_output(const struct minnow_linear *linear, const struct minnow_drift *drift, struct target *t,
                          size_t o) {
    size_t inputs = linear->inputs, first = o * inputs;
    for (size_t i = 0; i < inputs; i++) {
        t->effective[first + i] = t->scale[o] * (float)t->rows[first + i];
        t->column_sum[o] += t->rows[first + i];
    }
    double lacking = minnow_drift_bias(drift, o, t->exact + first, t->effective + first);
    t->bias[o] = (linear->bias ? linear->bias[o] : 0) + (float)lacking;
}

static void pack(const struct minnow_linear *linear, bool s4, struct target *t) {
    size_t outputs = linear->outputs, inputs = linear->inputs;
    if (!s4) {
        minnow_pack_s8(t->rows, outputs, inputs, (int8_t *)t->packed);
        return;
    }
    for (size_t o = 0; o < outputs; o++)
        for (size_t i = 0; i < inputs; i++)
            t->codes[o * inputs + i] =
                minnow_s4_code(t->rows[o * inputs + i], t->steps[o * MINNOW_GROUPS(inputs) + i / MINNOW_GROUP]);
    minnow_pack_s4(t->codes, t->steps, outputs, inputs, t->packed, t->packed_steps);
}

static void describe(const struct minnow_linear *linear, bool s4, const struct minnow_linear_statistics *statistics,
                     const struct target *t, struct minnow_linear *out, struct minnow_effective *effective) {
    *out = (struct minnow_linear){.inputs = linear->inputs,
                                  .outputs = linear->outputs,
                                  .type = s4 ? MINNOW_WEIGHT_S4 : MINNOW_WEIGHT_S8,
                                  .weight = t->packed,
                                  .steps = s4 ? t->packed_steps : NULL,
                                  .scale = t->scale,
                                  .column_sum = t->column_sum,
                                  .bias = t->bias,
                                  .input_multiplier = statistics->multiplier,
                                  .input_rotation = statistics->rotation};
    *effective = (struct minnow_effective){.inputs = linear->inputs,
                                           .outputs = linear->outputs,
                                           .weight = t->effective,
                                           .bias = t->bias,
                                           .multiplier = statistics->multiplier,
                                           .rotation = statistics->rotation};
}

enum minnow_status minnow_quantize_drifted(const struct minnow_linear *linear, enum minnow_weight_type type,
                                           const struct minnow_linear_statistics *statistics,
                                           const struct minnow_drift *drift, struct minnow_memory *memory,
                                           struct minnow_linear *out, struct minnow_effective *effective,
                                           struct minnow_error *error) {
    bool s4 = type == MINNOW_WEIGHT_S4;
    struct target t;
    if (linear->inputs > MINNOW_MAX_INPUTS)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "a layer has %u inputs; 4-bit weights allow %u: use --weights f32", linear->inputs,
                           MINNOW_MAX_INPUTS);
    if (!take_target(linear, s4, memory, &t)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "quantized weights");
    minnow_rotate_weights(linear, statistics->multiplier, statistics->rotation, t.exact);
    memcpy(t.wanted, t.exact, (size_t)linear->outputs * linear->inputs * sizeof *t.wanted);
    bool room = minnow_drift_correct(drift, t.wanted) &&
                (s4 ? round_s4(linear, drift->moment, &t) : round_s8(linear, drift->moment, &t));
    if (!room) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "compensated rounding");
    for (size_t o = 0; o < linear->outputs; o++) finish_output(linear, drift, &t, o);
    pack(linear, s4, &t);
    describe(linear, s4, statistics, &t, out, effective);
    return MINNOW_OK;
}

/* Two columns a byte, as gather_s4 reads them. */
static void put_row(const int8_t *q, size_t width, const uint8_t *steps, uint8_t *out) {
    for (size_t c = 0; c < width; c++) {
        size_t group = c / MINNOW_GROUP;
        uint8_t code = minnow_s4_code(q[c], steps[group]);
        out[group * (MINNOW_GROUP / 2) + c % 16] |= (uint8_t)(c & 16 ? code << 4 : code);
    }
}

static void round_table(const struct minnow_table *table, int8_t *row, uint8_t *data, uint8_t *steps, float *scale) {
    size_t width = table->width, groups = MINNOW_GROUPS(width);
    for (size_t r = 0; r < table->rows; r++, data += groups * (MINNOW_GROUP / 2), steps += groups) {
        const float *values = (const float *)table->data + r * width;
        scale[r] = minnow_best_steps(values, width, steps);
        minnow_round_s4(values, width, scale[r], steps, row);
        put_row(row, width, steps, data);
    }
}

enum minnow_status minnow_quantize_table_s4(const struct minnow_table *table, struct minnow_memory *memory,
                                            struct minnow_table *out, struct minnow_error *error) {
    size_t groups = MINNOW_GROUPS(table->width);
    *out = *table;
    if (table->rows == 0) return MINNOW_OK;
    int8_t *row = minnow_memory_take(memory, table->width);
    uint8_t *data = minnow_memory_take(memory, table->rows * groups * (MINNOW_GROUP / 2));
    uint8_t *steps = minnow_memory_take(memory, table->rows * groups);
    float *scale = minnow_memory_take(memory, table->rows * sizeof *scale);
    if (!row || !data || !steps || !scale) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "quantized table");
    round_table(table, row, data, steps, scale);
    out->type = MINNOW_WEIGHT_S4;
    out->data = data;
    out->steps = steps;
    out->scale = scale;
    return MINNOW_OK;
}
