#include "tests/checkkern/check.h"

static const float *float_rows(struct trial *trial, size_t stride, size_t readable) {
    return trial_floats(trial, rows_extent(trial->shape.rows, stride, readable));
}

/* The largest block that divides the columns, or none. */
static unsigned rotation_of(size_t columns) {
    for (unsigned block = MINNOW_LARGEST_ROTATION; block >= 16; block /= 2)
        if (columns % block == 0) return block;
    return 0;
}

void prepare_rotate_rows(struct trial *trial) {
    size_t rows = trial->shape.rows, columns = trial->shape.outputs, padded = MINNOW_PADDED(columns);
    trial->variant = rotation_of(columns);
    if (trial->variant > 16 && random_below(&trial->random, 2)) trial->variant /= 2;
    trial->stride[0] = trial_stride(trial, columns);
    trial->stride[1] = trial_stride(trial, padded);
    trial->in[0] = float_rows(trial, trial->stride[0], columns);
    trial->in[1] = trial_floats(trial, columns);
    trial_output(trial, (struct output){ELEMENT_FLOAT, rows, trial->stride[1], columns, padded, NULL});
}

void run_rotate_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->rotate_rows(trial->in[0], trial->stride[0], trial->in[1], trial->variant, trial->shape.rows,
                         trial->shape.outputs, out[0], trial->stride[1]);
}

void prepare_quantize_rows(struct trial *trial) {
    size_t rows = trial->shape.rows, columns = trial->shape.outputs;
    trial->variant = random_below(&trial->random, 2) ? 0x80 : 0;
    trial->stride[0] = trial_stride(trial, columns);
    trial->stride[1] = MINNOW_PADDED(trial_stride(trial, columns));
    trial->in[0] = float_rows(trial, trial->stride[0], columns);
    trial_output(trial,
                 (struct output){ELEMENT_BYTE, rows, trial->stride[1], trial->stride[1], trial->stride[1], NULL});
    trial_output(trial, (struct output){ELEMENT_WORD, rows, 2, 2, 2, NULL});
}

void run_quantize_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->quantize_rows(trial->in[0], trial->stride[0], trial->shape.rows, trial->shape.outputs,
                           (uint8_t)trial->variant, out[0], trial->stride[1], out[1]);
}

/* Padded rows that are changed where they lie. What fills the padding first may be NaN. */
static void prepare_rows(struct trial *trial, size_t compared) {
    size_t padded = MINNOW_PADDED(trial->shape.outputs);
    trial->stride[0] = trial_stride(trial, padded);
    const float *initial = float_rows(trial, trial->stride[0], padded);
    trial_output(trial, (struct output){ELEMENT_FLOAT, trial->shape.rows, trial->stride[0], compared, padded, initial});
}

void prepare_in_place(struct trial *trial) { prepare_rows(trial, trial->shape.outputs); }

void run_gelu_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->gelu_rows(out[0], trial->stride[0], trial->shape.rows, trial->shape.outputs);
}

void run_precise_gelu_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->precise_gelu_rows(out[0], trial->stride[0], trial->shape.rows, trial->shape.outputs);
}

void run_relu_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->relu_rows(out[0], trial->stride[0], trial->shape.rows, trial->shape.outputs);
}

void run_tanh_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->tanh_rows(out[0], trial->stride[0], trial->shape.rows, trial->shape.outputs);
}

void run_sigmoid_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->sigmoid_rows(out[0], trial->stride[0], trial->shape.rows, trial->shape.outputs);
}

void run_log_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->log_rows(out[0], trial->stride[0], trial->shape.rows, trial->shape.outputs);
}

void prepare_softmax_rows(struct trial *trial) {
    static const float scales[] = {1.0f, 0.17677669f, 0.125f, 10.0f, 0.0f, -1.0f};
    trial->scalar = scales[random_below(&trial->random, sizeof scales / sizeof *scales)];
    prepare_rows(trial, MINNOW_PADDED(trial->shape.outputs));
}

void run_softmax_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->softmax_rows(out[0], trial->stride[0], trial->shape.rows, trial->shape.outputs, trial->scalar);
}

enum layer_norm_variant {
    OUT_APART,
    OUT_APART_NO_RESIDUAL,
    OUT_IS_IN,
    OUT_IS_IN_NO_RESIDUAL,
    OUT_IS_RESIDUAL,
    VARIANTS
};

static bool has_residual(unsigned variant) {
    return variant != OUT_APART_NO_RESIDUAL && variant != OUT_IS_IN_NO_RESIDUAL;
}

/* in[0] and in[1] are NULL where the output takes their place. */
void prepare_layer_norm_rows(struct trial *trial) {
    size_t columns = trial->shape.outputs;
    trial->variant = (unsigned)random_below(&trial->random, VARIANTS);
    trial->scalar = random_below(&trial->random, 2) ? 1e-12f : 1e-5f;
    trial->stride[0] = trial_stride(trial, columns);
    const float *in = float_rows(trial, trial->stride[0], columns);
    const float *residual = has_residual(trial->variant) ? float_rows(trial, trial->stride[0], columns) : NULL;
    trial->in[2] = trial_floats(trial, columns);
    trial->in[3] = trial_floats(trial, columns);
    const float *initial = NULL;
    if (trial->variant == OUT_IS_IN || trial->variant == OUT_IS_IN_NO_RESIDUAL) initial = in, in = NULL;
    if (trial->variant == OUT_IS_RESIDUAL) initial = residual, residual = NULL;
    trial->in[0] = in;
    trial->in[1] = residual;
    trial_output(trial, (struct output){ELEMENT_FLOAT, trial->shape.rows, trial->stride[0], columns, columns, initial});
}

void run_layer_norm_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    const float *in = trial->in[0] ? trial->in[0] : out[0];
    const float *residual = trial->variant == OUT_IS_RESIDUAL ? out[0] : trial->in[1];
    kernels->layer_norm_rows(in, residual, trial->stride[0], trial->shape.rows, trial->shape.outputs, trial->in[2],
                             trial->in[3], trial->scalar, out[0]);
}

void prepare_normalize(struct trial *trial) {
    size_t columns = trial->shape.outputs;
    trial->stride[0] = trial_stride(trial, columns);
    const float *initial = float_rows(trial, trial->stride[0], columns);
    trial_output(trial, (struct output){ELEMENT_FLOAT, trial->shape.rows, trial->stride[0], columns, columns, initial});
}

void run_normalize(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    for (size_t r = 0; r < trial->shape.rows; r++)
        kernels->normalize((float *)out[0] + r * trial->stride[0], trial->shape.outputs);
}

void prepare_pool_rows(struct trial *trial) {
    size_t columns = trial->shape.outputs;
    trial->stride[0] = trial_stride(trial, columns);
    trial->in[0] = float_rows(trial, trial->stride[0], columns);
    trial_output(trial, (struct output){ELEMENT_FLOAT, 1, columns, columns, columns, NULL});
}

void run_mean_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->mean_rows(trial->in[0], trial->stride[0], trial->shape.rows, trial->shape.outputs, out[0]);
}

void run_max_rows(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->max_rows(trial->in[0], trial->stride[0], trial->shape.rows, trial->shape.outputs, out[0]);
}
