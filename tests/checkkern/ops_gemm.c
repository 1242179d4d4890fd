#include <string.h>

#include "tests/checkkern/check.h"

/* Rows of activations with zeros from `inputs` to the next multiple of 16. */
static const int8_t *activations(struct trial *trial, size_t rows, size_t inputs, size_t stride) {
    size_t bytes = rows_extent(rows, stride, MINNOW_PADDED(inputs));
    int8_t *a = trial_take(trial, bytes);
    fill_bytes(&trial->random, trial->fill, -127, a, bytes);
    for (size_t r = 0; r < rows; r++) memset(a + r * stride + inputs, 0, MINNOW_PADDED(inputs) - inputs);
    return a;
}

/* The same bytes for the kernels that want them without a sign. */
static const int8_t *flipped(struct trial *trial, const int8_t *a, size_t bytes) {
    int8_t *copy = trial_take(trial, bytes);
    for (size_t i = 0; i < bytes; i++) copy[i] = (int8_t)(a[i] ^ 0x80);
    return copy;
}

/* Weights that lie in the file as no converter writes them, -128, still must give the reference's bits. */
static const int8_t *packed_weights(struct trial *trial, const int8_t *w, size_t outputs, size_t inputs) {
    int8_t *packed = trial_take(trial, minnow_packed_s8_bytes(outputs, inputs));
    minnow_pack_s8(w, outputs, inputs, packed);
    return packed;
}

static const struct minnow_row_quantization *row_quantization(struct trial *trial, size_t rows) {
    struct minnow_row_quantization *quantization = trial_take(trial, rows * sizeof *quantization);
    for (size_t r = 0; r < rows; r++) {
        int8_t zero;
        fill_bytes(&trial->random, trial->fill, -127, &zero, 1);
        fill_floats(&trial->random, trial->fill, &quantization[r].scale, 1);
        quantization[r].zero = zero;
    }
    return quantization;
}

static const int32_t *column_sums(struct trial *trial, const int8_t *w, size_t outputs, size_t inputs) {
    int32_t *sums = trial_take(trial, MINNOW_PADDED(outputs) * sizeof *sums);
    memset(sums, 0, MINNOW_PADDED(outputs) * sizeof *sums);
    for (size_t i = 0; i < outputs * inputs; i++) sums[i / inputs] += w[i];
    return sums;
}

/* A product of this shape whose rows of activations are trial->stride[0] apart. */
static void prepare_product(struct trial *trial, struct shape shape) {
    size_t padded = MINNOW_PADDED(shape.outputs);
    trial->stride[1] = trial_stride(trial, padded);
    trial->in[0] = activations(trial, shape.rows, shape.inputs, trial->stride[0]);
    trial->in[1] = row_quantization(trial, shape.rows);
    const int8_t *w = trial_bytes(trial, shape.outputs * shape.inputs, -128);
    trial->in[2] = packed_weights(trial, w, shape.outputs, shape.inputs);
    trial->in[3] = trial_floats(trial, padded);
    trial->in[4] = column_sums(trial, w, shape.outputs, shape.inputs);
    trial->in[5] = trial_floats(trial, padded);
    trial->in[6] = flipped(trial, trial->in[0], rows_extent(shape.rows, trial->stride[0], MINNOW_PADDED(shape.inputs)));
    trial_output(trial, (struct output){ELEMENT_FLOAT, shape.rows, trial->stride[1], shape.outputs, padded, NULL});
}

void prepare_gemm_s8(struct trial *trial) {
    trial->inputs = trial->shape.inputs;
    trial->stride[0] = trial_stride(trial, MINNOW_PADDED(trial->shape.inputs));
    prepare_product(trial, trial->shape);
}

/* Rows that overlap: each is a window that begins a token after the last, wherever in the window that is. */
void prepare_convolution(struct trial *trial) {
    struct shape shape = trial->shape;
    trial->inputs = shape.inputs = MINNOW_PADDED(shape.inputs);
    bool timed = trial->guard->placement == PLACEMENT_SPREAD;
    trial->stride[0] = timed ? shape.inputs / 3 : 16 * (1 + random_below(&trial->random, shape.inputs / 16));
    prepare_product(trial, shape);
}

void run_gemm_s8(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    struct minnow_gemm_s8_args args = {
        .rows = trial->shape.rows,
        .outputs = trial->shape.outputs,
        .inputs = trial->inputs,
        .a = trial->in[kernels->gemm_s8.flip ? 6 : 0],
        .a_stride = trial->stride[0],
        .quantization = trial->in[1],
        .weights = trial->in[2],
        .scale = trial->in[3],
        .column_sum = trial->in[4],
        .bias = trial->in[5],
        .out = out[0],
        .out_stride = trial->stride[1],
    };
    kernels->gemm_s8.run(&args);
}

void prepare_gemm_f32(struct trial *trial) {
    struct shape shape = trial->shape;
    size_t padded = MINNOW_PADDED(shape.outputs);
    trial->stride[0] = trial_stride(trial, shape.inputs);
    trial->stride[1] = trial_stride(trial, padded);
    trial->stride[2] = trial_stride(trial, padded);
    trial->in[0] = trial_floats(trial, rows_extent(shape.rows, trial->stride[0], shape.inputs));
    trial->in[1] = trial_floats(trial, rows_extent(shape.inputs, trial->stride[1], padded));
    trial_output(trial, (struct output){ELEMENT_FLOAT, shape.rows, trial->stride[2], shape.outputs, padded, NULL});
}

void run_gemm_f32(const struct trial *trial, const struct minnow_kernels *kernels, void *const *out) {
    kernels->gemm_f32(trial->in[0], trial->stride[0], trial->in[1], trial->stride[1], trial->shape.rows,
                      trial->shape.outputs, trial->shape.inputs, out[0], trial->stride[2]);
}
