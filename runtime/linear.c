#include "runtime/linear.h"

#include <stdlib.h>

#include "runtime/linear_f32.h"

static minnow_activation_rows_fn *activation_kernel(const struct minnow_kernels *kernels,
                                                    enum minnow_activation activation) {
    switch (activation) {
    case MINNOW_GELU: return kernels->gelu_rows;
    case MINNOW_RELU: return kernels->relu_rows;
    case MINNOW_TANH: return kernels->tanh_rows;
    case MINNOW_IDENTITY: break;
    }
    return NULL;
}

struct run {
    struct minnow_linear_runner *runner;
    const struct minnow_linear *linear;
    minnow_activation_rows_fn *activation;
    const float *in;
    float *out;
    size_t rows, chunk_rows;       /* a work item: some rows ... */
    size_t output_chunks, chunk_outputs; /* ... times some outputs */
};

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Rows [first, first + rows), rotated where the layer asks for it. */
static void quantize_rows(const struct run *run, float *rotated, size_t first, size_t rows) {
    const struct minnow_linear_runner *runner = run->runner;
    const struct minnow_linear *linear = run->linear;
    size_t stride = MINNOW_PADDED(linear->inputs);
    const float *in = run->in + first * stride;
    if (linear->input_multiplier) {
        runner->kernels->rotate_rows(in, stride, linear->input_multiplier, linear->input_rotation, rows,
                                     linear->inputs, rotated, stride);
        in = rotated;
    }
    runner->kernels->quantize_rows(in, stride, rows, linear->inputs, runner->kernels->gemm_s8.flip,
                                   runner->quantized + first * stride, stride, runner->quantization + first);
}

static void quantize_chunk(void *context, size_t lane, size_t item) {
    const struct run *run = context;
    float *rotated = run->runner->rotated + lane * run->runner->rotated_floats;
    size_t end = smaller((item + 1) * run->chunk_rows, run->rows);
    for (size_t first = item * run->chunk_rows; first < end; first += MINNOW_ROTATED_ROWS)
        quantize_rows(run, rotated, first, smaller(MINNOW_ROTATED_ROWS, end - first));
}

static void multiply_chunk(void *context, size_t lane, size_t item) {
    (void)lane;
    const struct run *run = context;
    const struct minnow_linear *linear = run->linear;
    size_t row = item / run->output_chunks * run->chunk_rows, output = item % run->output_chunks * run->chunk_outputs;
    size_t stride = MINNOW_PADDED(linear->inputs);
    struct minnow_gemm_s8_args args = {
        .rows = smaller(run->chunk_rows, run->rows - row),
        .outputs = smaller(run->chunk_outputs, linear->outputs - output),
        .inputs = linear->inputs,
        .a = run->runner->quantized + row * stride,
        .a_stride = stride,
        .quantization = run->runner->quantization + row,
        .weights = (const int8_t *)linear->weight + output * stride,
        .scale = linear->scale + output,
        .column_sum = linear->column_sum + output,
        .bias = linear->bias + output,
        .out = run->out + row * MINNOW_PADDED(linear->outputs) + output,
        .out_stride = MINNOW_PADDED(linear->outputs),
    };
    run->runner->kernels->gemm_s8.run(&args);
    if (run->activation) run->activation(args.out, args.out_stride, args.rows, args.outputs);
}

/* Few rows cannot feed every thread: then the outputs are divided too. Bits do not depend on it. */
static void divide(struct run *run) {
    size_t threads = minnow_threads_count(run->runner->threads);
    size_t row_chunks = (run->rows + MINNOW_CHUNK_ROWS - 1) / MINNOW_CHUNK_ROWS;
    size_t wanted = row_chunks >= 2 * threads || threads == 1 ? 1 : threads;
    run->chunk_rows = MINNOW_CHUNK_ROWS;
    run->chunk_outputs = MINNOW_PADDED((run->linear->outputs + wanted - 1) / wanted);
    run->output_chunks = (run->linear->outputs + run->chunk_outputs - 1) / run->chunk_outputs;
}

static void run_s8(struct run *run) {
    divide(run);
    size_t row_chunks = (run->rows + run->chunk_rows - 1) / run->chunk_rows;
    minnow_parallel(run->runner->threads, row_chunks, quantize_chunk, run);
    minnow_parallel(run->runner->threads, row_chunks * run->output_chunks, multiply_chunk, run);
}

static void activate_chunk(void *context, size_t lane, size_t item) {
    (void)lane;
    const struct run *run = context;
    size_t first = item * MINNOW_CHUNK_ROWS, stride = MINNOW_PADDED(run->linear->outputs);
    run->activation(run->out + first * stride, stride, smaller(MINNOW_CHUNK_ROWS, run->rows - first),
                    run->linear->outputs);
}

void minnow_linear_run(struct minnow_linear_runner *runner, const struct minnow_linear *linear, const float *in,
                       size_t rows, enum minnow_activation activation, float *out) {
    struct run run = {.runner = runner,
                      .linear = linear,
                      .activation = activation_kernel(runner->kernels, activation),
                      .in = in,
                      .out = out,
                      .rows = rows};
    if (runner->observe) runner->observe(runner->observe_context, linear, in, rows, MINNOW_PADDED(linear->inputs));
    if (linear->type == MINNOW_WEIGHT_S8) {
        run_s8(&run);
        return;
    }
    minnow_linear_f32_run(runner, linear, in, rows, out);
    if (run.activation)
        minnow_parallel(runner->threads, (rows + MINNOW_CHUNK_ROWS - 1) / MINNOW_CHUNK_ROWS, activate_chunk, &run);
}

enum minnow_status minnow_linear_prepare(struct minnow_linear_runner *runner, const struct minnow_linear *linear,
                                         struct minnow_error *error) {
    return linear->type == MINNOW_WEIGHT_F32 ? minnow_linear_f32_prepare(runner, linear, error) : MINNOW_OK;
}

void minnow_linear_release(struct minnow_linear_runner *runner) { minnow_linear_f32_release(runner); }
