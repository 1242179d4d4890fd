#include "runtime/linear.h"

#include "runtime/layers/layer.h"
#include "runtime/linear_f32.h"

/* Of rows, and of s4 weights, at once: they stay in the first-level cache until they are read again. */
enum { ROTATED_FLOATS = 4096, UNPACKED_OUTPUTS = 32 };

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void observe(const struct minnow_pass *pass, const struct minnow_linear *linear, const float *in, size_t rows) {
    if (pass->observer->observe)
        pass->observer->observe(pass->observer->context, linear, in, rows, MINNOW_PADDED(linear->inputs));
}

static size_t rows_rotated_at_once(size_t stride) {
    return stride > ROTATED_FLOATS ? 1 : smaller(ROTATED_FLOATS / stride, MINNOW_ROTATED_ROWS);
}

void minnow_linear_quantize(const struct minnow_pass *pass, const struct minnow_linear *linear, const float *in,
                            size_t rows, int8_t *out, struct minnow_row_quantization *quantization) {
    const struct minnow_kernels *kernels = pass->kernels;
    size_t stride = MINNOW_PADDED(linear->inputs);
    observe(pass, linear, in, rows);
    size_t step = rows_rotated_at_once(stride);
    for (size_t first = 0; first < rows; first += step) {
        size_t count = smaller(step, rows - first);
        const float *values = in + first * stride;
        if (linear->input_multiplier) {
            kernels->rotate_rows(values, stride, linear->input_multiplier, linear->input_rotation, count,
                                 linear->inputs, pass->own->rotated, stride);
            values = pass->own->rotated;
        }
        kernels->quantize_rows(values, stride, count, linear->inputs, kernels->gemm_s8.flip, out + first * stride,
                               stride, quantization + first);
    }
}

void minnow_linear_plan(const struct minnow_linear *linear, struct minnow_plan *plan) {
    minnow_plan_raise(&plan->input_width, linear->inputs);
    if (linear->type == MINNOW_WEIGHT_S4)
        minnow_plan_raise(&plan->unpacked_bytes, minnow_packed_s8_bytes(UNPACKED_OUTPUTS, linear->inputs));
}

/* `weights`: of the range, packed s8. */
static void multiply(const struct minnow_pass *pass, const struct minnow_linear *linear,
                     struct minnow_linear_input input, const int8_t *weights, struct minnow_range range, float *out,
                     size_t out_stride) {
    struct minnow_gemm_s8_args args = {
        .rows = input.row_count,
        .outputs = range.end - range.first,
        .inputs = linear->inputs,
        .a = input.rows,
        .a_stride = input.stride,
        .quantization = input.quantization,
        .weights = weights,
        .scale = linear->scale + range.first,
        .column_sum = linear->column_sum + range.first,
        .bias = linear->bias + range.first,
        .out = out,
        .out_stride = out_stride,
    };
    pass->kernels->gemm_s8.run(&args);
}

static void unpack(const struct minnow_pass *pass, const struct minnow_linear *linear, struct minnow_range range) {
    size_t stride = MINNOW_PADDED(linear->inputs), groups = MINNOW_GROUPS(linear->inputs);
    const uint8_t *codes = linear->weight;
    for (size_t o = range.first; o < range.end; o += 16)
        pass->kernels->unpack_s4(codes + o * stride / 2, linear->steps + o * groups, linear->inputs,
                                 pass->own->unpacked + (o - range.first) * stride);
}

/* A few outputs at a time: their weights stay in the nearest caches until all rows have met them. */
static void multiply_s4(const struct minnow_pass *pass, const struct minnow_linear *linear,
                        struct minnow_linear_input input, struct minnow_range range, float *out, size_t out_stride) {
    for (size_t first = range.first; first < range.end; first += UNPACKED_OUTPUTS) {
        struct minnow_range some = {first, smaller(first + UNPACKED_OUTPUTS, range.end)};
        unpack(pass, linear, some);
        multiply(pass, linear, input, pass->own->unpacked, some, out + (first - range.first), out_stride);
    }
}

void minnow_linear_multiply(const struct minnow_pass *pass, const struct minnow_linear *linear,
                            struct minnow_linear_input input, struct minnow_range range, float *out,
                            size_t out_stride) {
    if (range.first == range.end || input.row_count == 0) return;
    if (linear->type == MINNOW_WEIGHT_S4)
        multiply_s4(pass, linear, input, range, out, out_stride);
    else
        multiply(pass, linear, input, (const int8_t *)linear->weight + range.first * MINNOW_PADDED(linear->inputs),
                 range, out, out_stride);
}

void minnow_activate(const struct minnow_kernels *kernels, enum minnow_activation activation, float *rows,
                     size_t stride, size_t row_count, size_t columns) {
    switch (activation) {
    case MINNOW_GELU: kernels->gelu_rows(rows, stride, row_count, columns); break;
    case MINNOW_RELU: kernels->relu_rows(rows, stride, row_count, columns); break;
    case MINNOW_TANH: kernels->tanh_rows(rows, stride, row_count, columns); break;
    case MINNOW_SIGMOID: kernels->sigmoid_rows(rows, stride, row_count, columns); break;
    case MINNOW_IDENTITY: break;
    }
}

static void run_rounded(const struct minnow_pass *pass, const struct minnow_linear *linear, const float *in,
                        size_t rows, enum minnow_activation activation, float *out) {
    struct minnow_lane *own = pass->own;
    struct minnow_linear_input input = {own->inputs, own->input_quantization, rows, MINNOW_PADDED(linear->inputs)};
    struct minnow_range outputs = minnow_pass_outputs(pass, linear->outputs);
    size_t stride = MINNOW_PADDED(linear->outputs);
    minnow_linear_quantize(pass, linear, in, rows, own->inputs, own->input_quantization);
    minnow_linear_multiply(pass, linear, input, outputs, out + outputs.first, stride);
    minnow_activate(pass->kernels, activation, out + outputs.first, stride, rows, outputs.end - outputs.first);
    if (pass->divide_outputs) minnow_pass_wait(pass);
}

void minnow_linear_run(const struct minnow_pass *pass, const struct minnow_linear *linear, const float *in, size_t rows,
                       enum minnow_activation activation, float *out) {
    if (linear->type != MINNOW_WEIGHT_F32) {
        run_rounded(pass, linear, in, rows, activation, out);
        return;
    }
    observe(pass, linear, in, rows);
    size_t stride = MINNOW_PADDED(linear->outputs);
    minnow_linear_f32_run(pass->f32, linear, in, rows, out, pass->pool);
    if (activation == MINNOW_GELU)
        pass->kernels->precise_gelu_rows(out, stride, rows, linear->outputs);
    else
        minnow_activate(pass->kernels, activation, out, stride, rows, linear->outputs);
}
