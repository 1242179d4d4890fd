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

/* drift: NULL: the bias stays. */
static void finish_output(const struct minnow_linear *linear, const struct minnow_drift *drift, struct target *t,
                          size_t o) {
    size_t inputs = linear->inputs, first = o * inputs;
    for (size_t i = 0; i < inputs; i++) {
        t->effective[first + i] = t->scale[o] * (float)t->rows[first + i];
        t->column_sum[o] += t->rows[first + i];
    }
    double lacking = drift ? minnow_drift_bias(drift, o, t->exact + first, t->effective + first) : 0;
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

static void describe(const struct minnow_linear *linear, bool s4, const float *multiplier, uint32_t rotation,
                     const struct target *t, struct minnow_linear *out, struct minnow_effective *effective) {
    *out = (struct minnow_linear){.inputs = linear->inputs,
                                  .outputs = linear->outputs,
                                  .type = s4 ? MINNOW_WEIGHT_S4 : MINNOW_WEIGHT_S8,
                                  .weight = t->packed,
                                  .steps = s4 ? t->packed_steps : NULL,
                                  .scale = t->scale,
                                  .column_sum = t->column_sum,
                                  .bias = t->bias,
                                  .input_multiplier = multiplier,
                                  .input_rotation = rotation};
    *effective = (struct minnow_effective){.inputs = linear->inputs,
                                           .outputs = linear->outputs,
                                           .weight = t->effective,
                                           .bias = t->bias,
                                           .multiplier = multiplier,
                                           .rotation = rotation};
}

static enum minnow_status fail_inputs(const struct minnow_linear *linear, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_UNSUPPORTED, "a layer has %u inputs; 4-bit weights allow %u: use --weights f32",
                       linear->inputs, MINNOW_MAX_INPUTS);
}

enum minnow_status minnow_quantize_drifted(const struct minnow_linear *linear, enum minnow_weight_type type,
                                           const struct minnow_linear_statistics *statistics,
                                           const struct minnow_drift *drift, struct minnow_memory *memory,
                                           struct minnow_linear *out, struct minnow_effective *effective,
                                           struct minnow_error *error) {
    bool s4 = type == MINNOW_WEIGHT_S4;
    struct target t;
    if (linear->inputs > MINNOW_MAX_INPUTS) return fail_inputs(linear, error);
    if (!take_target(linear, s4, memory, &t)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "quantized weights");
    minnow_rotate_weights(linear, statistics->multiplier, statistics->rotation, t.exact);
    memcpy(t.wanted, t.exact, (size_t)linear->outputs * linear->inputs * sizeof *t.wanted);
    bool room = minnow_drift_correct(drift, t.wanted) &&
                (s4 ? round_s4(linear, drift->moment, &t) : round_s8(linear, drift->moment, &t));
    if (!room) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "compensated rounding");
    for (size_t o = 0; o < linear->outputs; o++) finish_output(linear, drift, &t, o);
    pack(linear, s4, &t);
    describe(linear, s4, statistics->multiplier, statistics->rotation, &t, out, effective);
    return MINNOW_OK;
}

/* ---- Weights that are on levels already ---- */

/* Of all rows, into t->exact, and the grid they are on. */
static bool find_grid(const struct minnow_linear *linear, const float *ones, uint32_t rotation, struct target *t) {
    size_t inputs = linear->inputs;
    minnow_rotate_weights(linear, ones, rotation, t->exact);
    for (size_t o = 0; o < linear->outputs; o++)
        if (!minnow_exact_steps(t->exact + o * inputs, inputs, t->steps + o * MINNOW_GROUPS(inputs), &t->scale[o]))
            return false;
    return true;
}

/* Spares all the others the memory of a target. */
static bool is_first_row_exact(const struct minnow_linear *linear, const float *ones, uint32_t rotation,
                               struct minnow_memory *memory) {
    const struct minnow_linear first = {.inputs = linear->inputs, .outputs = 1, .weight = linear->weight};
    float scale, *row = minnow_memory_take(memory, linear->inputs * sizeof *row);
    uint8_t *steps = minnow_memory_take(memory, MINNOW_GROUPS(linear->inputs));
    if (!row || !steps) return false;
    minnow_rotate_weights(&first, ones, rotation, row);
    return minnow_exact_steps(row, linear->inputs, steps, &scale);
}

enum minnow_status minnow_quantize_exact(const struct minnow_linear *linear, struct minnow_memory *memory,
                                         struct minnow_linear *out, struct minnow_effective *effective, bool *taken,
                                         struct minnow_error *error) {
    size_t outputs = linear->outputs, inputs = linear->inputs;
    struct target t;
    *taken = false;
    if (linear->inputs > MINNOW_MAX_INPUTS) return fail_inputs(linear, error);
    uint32_t rotation = minnow_rotation_for(linear->inputs);
    float *ones = minnow_memory_take(memory, inputs * sizeof *ones);
    for (size_t i = 0; ones && i < inputs; i++) ones[i] = 1;
    if (ones && !is_first_row_exact(linear, ones, rotation, memory)) return MINNOW_OK;
    if (!ones || !take_target(linear, true, memory, &t))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "quantized weights");
    if (!find_grid(linear, ones, rotation, &t)) return MINNOW_OK;
    for (size_t o = 0; o < outputs; o++) {
        minnow_round_s4(t.exact + o * inputs, inputs, t.scale[o], t.steps + o * MINNOW_GROUPS(inputs),
                        t.rows + o * inputs);
        finish_output(linear, NULL, &t, o);
    }
    pack(linear, true, &t);
    describe(linear, true, ones, rotation, &t, out, effective);
    *taken = true;
    return MINNOW_OK;
}

/* ---- Tables ---- */

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
        if (!minnow_exact_steps(values, width, steps, &scale[r])) scale[r] = minnow_best_steps(values, width, steps);
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
