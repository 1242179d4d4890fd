/* Gathering rows of tables, weights out of 4 bits, and dots with rows of vectors. */
#include <math.h>

#include "tests/checkkern/check.h"

enum { TABLE_ROWS = 11 };

static const uint32_t *table_ids(struct trial *trial) {
    uint32_t *ids = trial_take(trial, trial->shape.rows * sizeof *ids);
    for (size_t r = 0; r < trial->shape.rows; r++) ids[r] = (uint32_t)random_below(&trial->random, TABLE_ROWS);
    return ids;
}

static void prepare_sums(struct trial *trial) {
    size_t columns = trial->shape.outputs;
    trial->stride[0] = trial_stride(trial, columns);
    trial->stride[1] = trial_stride(trial, columns);
    trial->in[0] = table_ids(trial);
    const float *initial = trial_floats(trial, rows_extent(trial->shape.rows, trial->stride[1], columns));
    trial_output(trial, (struct output){ELEMENT_FLOAT, trial->shape.rows, trial->stride[1], columns, columns, initial});
}

void prepare_gather_s8(struct trial *trial) {
    prepare_sums(trial);
    trial->in[1] = trial_bytes(trial, rows_extent(TABLE_ROWS, trial->stride[0], trial->shape.outputs), -128);
    trial->in[2] = trial_floats(trial, TABLE_ROWS);
}

void run_gather_s8(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->gather_s8(trial->in[1], trial->stride[0], trial->in[2], trial->in[0], trial->shape.rows,
                       trial->shape.outputs, out[0], trial->stride[1]);
}

/* Any byte is two codes, or a step. */
void prepare_gather_s4(struct trial *trial) {
    prepare_sums(trial);
    size_t groups = MINNOW_GROUPS(trial->shape.outputs);
    trial->in[1] = trial_bytes(trial, TABLE_ROWS * groups * (MINNOW_GROUP / 2), -128);
    trial->in[2] = trial_bytes(trial, TABLE_ROWS * groups, -128);
    trial->in[3] = trial_floats(trial, TABLE_ROWS);
}

void run_gather_s4(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->gather_s4(trial->in[1], trial->in[2], trial->in[3], trial->in[0], trial->shape.rows, trial->shape.outputs,
                       out[0], trial->stride[1]);
}

void prepare_gather_f32(struct trial *trial) {
    prepare_sums(trial);
    trial->in[1] = trial_floats(trial, rows_extent(TABLE_ROWS, trial->stride[0], trial->shape.outputs));
}

void run_gather_f32(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->gather_f32(trial->in[1], trial->stride[0], trial->in[0], trial->shape.rows, trial->shape.outputs, out[0],
                        trial->stride[1]);
}

/* Sixteen outputs at a time, as the runtime asks for them: `rows` times the same number of inputs. */
void prepare_unpack_s4(struct trial *trial) {
    size_t rows = trial->shape.rows, inputs = trial->shape.outputs, weights = 16 * MINNOW_PADDED(inputs);
    trial->in[0] = trial_bytes(trial, rows * weights / 2, -128);
    trial->in[1] = trial_bytes(trial, rows * 16 * MINNOW_GROUPS(inputs), -128);
    trial_output(trial, (struct output){ELEMENT_BYTE, rows, weights, weights, weights, NULL});
}

void run_unpack_s4(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    size_t inputs = trial->shape.outputs, weights = 16 * MINNOW_PADDED(inputs);
    const uint8_t *codes = trial->in[0], *steps = trial->in[1];
    for (size_t r = 0; r < trial->shape.rows; r++)
        kernels->unpack_s4(codes + r * weights / 2, steps + r * 16 * MINNOW_GROUPS(inputs), inputs,
                           (int8_t *)out[0] + r * weights);
}

static const float *floats_of_sign(struct trial *trial, size_t count, float sign) {
    float *x = trial_take(trial, count * sizeof *x);
    fill_floats(&trial->random, trial->fill, x, count);
    for (size_t i = 0; sign != 0 && i < count; i++) x[i] = copysignf(x[i], sign);
    return x;
}

/* Some products are all negative: those of denormals vanish, and so does the sign of their sum, or not. */
void prepare_dots_f32(struct trial *trial) {
    size_t columns = trial->shape.outputs, count = trial->shape.rows;
    float sign = random_below(&trial->random, 4) ? 0 : 1;
    trial->stride[0] = trial_stride(trial, columns);
    trial->in[0] = floats_of_sign(trial, columns, sign);
    trial->in[1] = floats_of_sign(trial, rows_extent(count, trial->stride[0], columns), -sign);
    trial_output(trial, (struct output){ELEMENT_FLOAT, 1, count, count, count, NULL});
}

void run_dots_f32(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->dots_f32(trial->in[0], trial->in[1], trial->stride[0], trial->shape.rows, trial->shape.outputs, out[0]);
}

void prepare_dots_s8(struct trial *trial) {
    size_t columns = trial->shape.outputs, count = trial->shape.rows;
    trial->stride[0] = trial_stride(trial, columns);
    trial->in[0] = trial_bytes(trial, columns, -128);
    trial->in[1] = trial_bytes(trial, rows_extent(count, trial->stride[0], columns), -128);
    trial_output(trial, (struct output){ELEMENT_WORD, 1, count, count, count, NULL});
}

void run_dots_s8(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->dots_s8(trial->in[0], trial->in[1], trial->stride[0], trial->shape.rows, trial->shape.outputs, out[0]);
}
