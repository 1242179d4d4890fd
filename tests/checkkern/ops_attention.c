/* What attention makes on the way: softmax as bytes, keys and values as weights. */
#include "tests/checkkern/check.h"

void prepare_softmax_quantize_rows(struct trial *trial) {
    static const float factors[] = {1.0f, 0.2550348f, 0.18033688f, 10.0f, 0.0f};
    size_t rows = trial->shape.rows, columns = trial->shape.outputs;
    trial->scalar = factors[random_below(&trial->random, sizeof factors / sizeof *factors)];
    trial->variant = random_below(&trial->random, 2) ? 0x80 : 0;
    trial->stride[0] = trial_stride(trial, columns);
    trial->stride[1] = MINNOW_PADDED(trial_stride(trial, columns));
    trial->in[0] = trial_floats(trial, rows_extent(rows, trial->stride[0], columns));
    trial_output(trial,
                 (struct output){ELEMENT_BYTE, rows, trial->stride[1], trial->stride[1], trial->stride[1], NULL});
    trial_output(trial, (struct output){ELEMENT_WORD, rows, 2, 2, 2, NULL});
}

void run_softmax_quantize_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->softmax_quantize_rows(trial->in[0], trial->stride[0], trial->shape.rows, trial->shape.outputs,
                                   trial->scalar, (uint8_t)trial->variant, out[0], trial->stride[1], out[1]);
}

static void prepare_pack(struct trial *trial, size_t outputs, size_t inputs) {
    size_t rows = trial->shape.rows, columns = trial->shape.outputs, padded = MINNOW_PADDED(outputs);
    size_t bytes = minnow_packed_s8_bytes(outputs, inputs);
    trial->stride[0] = trial_stride(trial, columns);
    trial->in[0] = trial_floats(trial, rows_extent(rows, trial->stride[0], columns));
    trial_output(trial, (struct output){ELEMENT_BYTE, 1, bytes, bytes, bytes, NULL});
    trial_output(trial, (struct output){ELEMENT_FLOAT, 1, padded, padded, padded, NULL});
    trial_output(trial, (struct output){ELEMENT_WORD, 1, padded, padded, padded, NULL});
}

void prepare_pack_rows(struct trial *trial) { prepare_pack(trial, trial->shape.rows, trial->shape.outputs); }

void run_pack_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->pack_rows(trial->in[0], trial->stride[0], trial->shape.rows, trial->shape.outputs, out[0], out[1], out[2]);
}

void prepare_pack_columns(struct trial *trial) { prepare_pack(trial, trial->shape.outputs, trial->shape.rows); }

void run_pack_columns(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->pack_columns(trial->in[0], trial->stride[0], trial->shape.rows, trial->shape.outputs, out[0], out[1],
                          out[2]);
}
