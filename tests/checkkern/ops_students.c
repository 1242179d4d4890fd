/* What recurrent students and kernel pooling need. */
#include <math.h>

#include "tests/checkkern/check.h"

enum { MOST_KERNELS = 13, PAPERS_KERNELS = 11 };

/* The second rows are NULL at times, as before the first step. */
void prepare_lstm_gates(struct trial *trial) {
    size_t rows = trial->shape.rows, hidden = trial->shape.outputs, padded = MINNOW_PADDED(hidden);
    for (size_t i = 0; i < 2; i++) {
        trial->stride[i] = trial_stride(trial, 4 * hidden);
        trial->in[i] = trial_floats(trial, rows_extent(rows, trial->stride[i], 4 * hidden));
    }
    if (random_below(&trial->random, 4) == 0) trial->in[1] = NULL;
    trial->stride[2] = trial_stride(trial, padded);
    const float *cell = trial_floats(trial, rows_extent(rows, trial->stride[2], padded));
    trial_output(trial, (struct output){ELEMENT_FLOAT, rows, trial->stride[2], hidden, padded, cell});
    trial_output(trial, (struct output){ELEMENT_FLOAT, rows, padded + trial->stride[2], hidden, padded, NULL});
}

void run_lstm_gates(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->lstm_gates(&(struct minnow_lstm_gates_args){
        .rows = trial->shape.rows,
        .hidden = trial->shape.outputs,
        .input = trial->in[0],
        .input_stride = trial->stride[0],
        .recurrent = trial->in[1],
        .recurrent_stride = trial->stride[1],
        .cell = out[0],
        .cell_stride = trial->stride[2],
        .out = out[1],
        .out_stride = trial->outputs[1].stride,
    });
}

/* Some kernels as published, some as wide or narrow as the numbers happen to be. */
void prepare_gaussian_sums(struct trial *trial) {
    size_t rows = trial->shape.rows, columns = trial->shape.outputs;
    bool timed = trial->guard->placement == PLACEMENT_SPREAD;
    size_t count = timed ? PAPERS_KERNELS : 1 + random_below(&trial->random, MOST_KERNELS);
    trial->inputs = count;
    trial->stride[0] = trial_stride(trial, columns);
    trial->stride[1] = trial_stride(trial, count);
    trial->in[0] = trial_floats(trial, rows_extent(rows, trial->stride[0], columns));
    trial->in[1] = trial_floats(trial, count);
    float *factor = trial_take(trial, count * sizeof *factor);
    fill_floats(&trial->random, trial->fill, factor, count);
    for (size_t k = 0; k < count; k++)
        factor[k] = timed || random_below(&trial->random, 2) ? -72.134752f : -fabsf(factor[k]);
    trial->in[2] = factor;
    trial_output(trial, (struct output){ELEMENT_FLOAT, rows, trial->stride[1], count, count, NULL});
}

void run_gaussian_sums(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->gaussian_sums(trial->in[0], trial->stride[0], trial->shape.rows, trial->shape.outputs, trial->in[1],
                           trial->in[2], trial->inputs, out[0], trial->stride[1]);
}
