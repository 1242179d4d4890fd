/* Parallel 1-D convolutions over the tokens of each text. In 8 bits a text is quantized as one row, with one scale;
 * the window of a token is then a row of the product that overlaps its neighbours', and is never copied. */
#include <string.h>

#include "runtime/layers/layer.h"
#include "runtime/layers/scratch.h"

struct scratch {
    int8_t *codes;                               /* [text + what windows reach beyond it][padded width] */
    struct minnow_row_quantization *quantization; /* [chunk rows]: the text's, for each window */
    float *rotated;                              /* [text][padded width] */
    float *windows;                              /* [chunk rows][inputs], of f32 weights */
};

/* What the widest window reaches beyond its token, on either side. */
static size_t reach_of(const struct minnow_convolution *convolution) {
    size_t reach = 0;
    for (uint32_t i = 0; i < convolution->branch_count; i++)
        if (convolution->branches[i].taps / 2 > reach) reach = convolution->branches[i].taps / 2;
    return reach;
}

/* Returns the bytes used; with base NULL it only measures. */
static size_t lay_out(const struct minnow_convolution *convolution, struct scratch *scratch, char *base,
                      size_t longest) {
    size_t padded = MINNOW_PADDED(convolution->width), reach = reach_of(convolution), used = 0;
    scratch->codes = minnow_scratch_take(base, &used, (longest + 2 * reach) * padded);
    scratch->quantization = minnow_scratch_take(base, &used, MINNOW_CHUNK_ROWS * sizeof *scratch->quantization);
    scratch->rotated = minnow_scratch_take(base, &used, longest * padded * sizeof *scratch->rotated);
    scratch->windows =
        minnow_scratch_take(base, &used, MINNOW_CHUNK_ROWS * (2 * reach + 1) * padded * sizeof *scratch->windows);
    return used;
}

static uint32_t outputs_of(const struct minnow_convolution *convolution) {
    uint32_t outputs = 0;
    for (uint32_t i = 0; i < convolution->branch_count; i++) outputs += convolution->branches[i].linear.outputs;
    return outputs;
}

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    const struct minnow_convolution *convolution = &layer->convolution;
    struct scratch scratch;
    minnow_plan_raise(&plan->row_width, outputs_of(convolution));
    minnow_plan_raise(&plan->scratch_bytes, lay_out(convolution, &scratch, NULL, plan->max_tokens));
    for (uint32_t i = 0; i < convolution->branch_count; i++) {
        minnow_plan_raise(&plan->wide_width, convolution->branches[i].linear.outputs);
        minnow_linear_plan(&convolution->branches[i].linear, plan);
    }
}

/* One text. */
struct text {
    const struct minnow_pass *pass;
    const struct minnow_convolution *convolution;
    struct scratch scratch;
    struct minnow_span span;
    size_t reach, out_stride;
};

static const float *rotate(const struct text *text) {
    const struct minnow_convolution *convolution = text->convolution;
    size_t padded = MINNOW_PADDED(convolution->width);
    const float *rows = text->pass->rows + text->span.first * padded;
    if (!convolution->input_multiplier) return rows;
    text->pass->kernels->rotate_rows(rows, padded, convolution->input_multiplier, convolution->input_rotation,
                                     text->span.count, padded, text->scratch.rotated, padded);
    return text->scratch.rotated;
}

/* Around the tokens are zeros, of which the byte is the row's zero point. */
static void quantize(const struct text *text) {
    const struct minnow_kernels *kernels = text->pass->kernels;
    const struct scratch *scratch = &text->scratch;
    uint8_t flip = kernels->gemm_s8.flip;
    size_t padded = MINNOW_PADDED(text->convolution->width), border = text->reach * padded;
    size_t columns = text->span.count * padded;
    struct minnow_row_quantization quantization;
    kernels->quantize_rows(rotate(text), columns, 1, columns, flip, scratch->codes + border, columns, &quantization);
    memset(scratch->codes, (uint8_t)quantization.zero ^ flip, border);
    memset(scratch->codes + border + columns, (uint8_t)quantization.zero ^ flip, border);
    for (size_t i = 0; i < MINNOW_CHUNK_ROWS; i++) scratch->quantization[i] = quantization;
}

static void run_rounded(const struct text *text, const struct minnow_convolution_branch *branch, size_t first,
                        size_t rows, float *out) {
    const struct minnow_linear *linear = &branch->linear;
    size_t padded = MINNOW_PADDED(text->convolution->width), out_stride = MINNOW_PADDED(linear->outputs);
    struct minnow_linear_input input = {text->scratch.codes + (first + text->reach - branch->taps / 2) * padded,
                                        text->scratch.quantization, rows, padded};
    minnow_linear_multiply(text->pass, linear, input, (struct minnow_range){0, linear->outputs}, out, out_stride);
    minnow_activate(text->pass->kernels, text->convolution->activation, out, out_stride, rows, linear->outputs);
}

/* The window of the text's token `center`. */
static void copy_window(const struct text *text, size_t center, size_t taps, float *out) {
    size_t padded = MINNOW_PADDED(text->convolution->width);
    const float *rows = text->pass->rows + text->span.first * padded;
    for (size_t tap = 0; tap < taps; tap++, out += padded) {
        size_t token = center + tap - taps / 2; /* beyond any count where it is before the first */
        if (token < text->span.count)
            memcpy(out, rows + token * padded, padded * sizeof *out);
        else
            memset(out, 0, padded * sizeof *out);
    }
}

static void run_f32(const struct text *text, const struct minnow_convolution_branch *branch, size_t first, size_t rows,
                    float *out) {
    float *windows = text->scratch.windows;
    for (size_t r = 0; r < rows; r++)
        copy_window(text, first + r, branch->taps, windows + r * branch->linear.inputs);
    minnow_linear_run(text->pass, &branch->linear, windows, rows, text->convolution->activation, out);
}

/* Outputs go to `column` on. */
static void run_branch(const struct text *text, const struct minnow_convolution_branch *branch, size_t column) {
    bool f32 = branch->linear.type == MINNOW_WEIGHT_F32;
    size_t outputs = branch->linear.outputs, stride = MINNOW_PADDED(outputs);
    float *computed = text->pass->own->wide;
    for (size_t first = 0; first < text->span.count; first += MINNOW_CHUNK_ROWS) {
        size_t left = text->span.count - first, rows = left < MINNOW_CHUNK_ROWS ? left : MINNOW_CHUNK_ROWS;
        (f32 ? run_f32 : run_rounded)(text, branch, first, rows, computed);
        float *out = text->pass->other + (text->span.first + first) * text->out_stride + column;
        for (size_t r = 0; r < rows; r++)
            memcpy(out + r * text->out_stride, computed + r * stride, outputs * sizeof *out);
    }
}

static void run_text(const struct text *text) {
    if (text->span.count == 0) return;
    quantize(text); /* little work where all weights are f32 */
    size_t column = 0;
    for (uint32_t i = 0; i < text->convolution->branch_count; i++) {
        run_branch(text, &text->convolution->branches[i], column);
        column += text->convolution->branches[i].linear.outputs;
    }
}

/* Weights of the padding are 0, but what lies there may be anything, NaN too. */
static void clear_padding(const struct minnow_pass *pass) {
    size_t width = pass->width, stride = MINNOW_PADDED(width);
    for (size_t r = 0; r < pass->row_count; r++)
        memset(pass->rows + r * stride + width, 0, (stride - width) * sizeof *pass->rows);
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_convolution *convolution = &layer->convolution;
    minnow_pass_go_alone(pass);
    if (pass->finished) return;
    clear_padding(pass);
    uint32_t outputs = outputs_of(convolution);
    for (size_t i = 0; i < pass->text_count; i++) {
        struct text text = {.pass = pass,
                            .convolution = convolution,
                            .span = pass->shared->spans[i],
                            .reach = reach_of(convolution),
                            .out_stride = MINNOW_PADDED(outputs)};
        lay_out(convolution, &text.scratch, pass->own->scratch, text.span.count);
        run_text(&text);
    }
    minnow_pass_swap(pass, pass->row_count, outputs);
}

static void linears(const struct minnow_layer *layer, minnow_linear_visit_fn *visit, void *context) {
    for (uint32_t i = 0; i < layer->convolution.branch_count; i++)
        visit(context, &layer->convolution.branches[i].linear);
}

const struct minnow_layer_operations minnow_convolution_operations = {plan, run, linears};
