/* Gathering rows of tables, and dots with rows of vectors. */
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

void prepare_gather_f32(struct trial *trial) {
    prepare_sums(trial);
    trial->in[1] = trial_floats(trial, rows_extent(TABLE_ROWS, trial->stride[0], trial->shape.outputs));
}

void run_gather_f32(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->gather_f32(trial->in[1], trial->stride[0], trial->in[0], trial->shape.rows, trial->shape.outputs, out[0],
                        trial->stride[1]);
}

void prepare_dots_f32(struct trial *trial) {
    size_t columns = trial->shape.outputs, count = trial->shape.rows;
    trial->stride[0] = trial_stride(trial, columns);
    trial->in[0] = trial_floats(trial, columns);
    trial->in[1] = trial_floats(trial, rows_extent(count, trial->stride[0], columns));
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
