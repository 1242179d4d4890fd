/* Parallel 1-D convolutions over the tokens of each text: windows side by side, and products with them. */
#include <string.h>

#include "convert/distill/layers/activation.h"
#include "convert/distill/layers/lanes.h"
#include "convert/distill/layers/layers.h"
#include "convert/distill/layers/linear.h"

/* Rows whose windows are laid out at once, or those of one text. */
enum { WINDOWS = 256 };

struct saved {
    float *before[MINNOW_MAX_BRANCHES], *after[MINNOW_MAX_BRANCHES]; /* the activation, [rows][outputs of the branch] */
};

/* Whole texts, and their rows. */
struct some {
    size_t first_text, end_text, first_row, row_count;
};

/* The texts behind `some` that are laid out together; false: there are none. */
static bool next_texts(const struct minnow_batch *batch, struct some *some) {
    some->first_text = some->end_text;
    some->first_row += some->row_count;
    some->row_count = 0;
    while (some->end_text < batch->text_count) {
        size_t count = batch->spans[some->end_text].count;
        if (some->end_text > some->first_text && some->row_count + count > WINDOWS) break;
        some->row_count += count;
        some->end_text++;
    }
    return some->end_text > some->first_text;
}

static size_t most_windows(const struct minnow_batch *batch) {
    size_t most = 0;
    for (struct some some = {0}; next_texts(batch, &some);) most = some.row_count > most ? some.row_count : most;
    return most;
}

static size_t widest_window(const struct minnow_convolution *convolution) {
    size_t widest = 0;
    for (uint32_t i = 0; i < convolution->branch_count; i++)
        if (convolution->branches[i].linear.inputs > widest) widest = convolution->branches[i].linear.inputs;
    return widest;
}

/* The token that a window of a text meets at a tap; beyond any count where there is none. */
static size_t token_at(size_t center, size_t tap, size_t taps) { return center + tap - taps / 2; }

static void lay_out_text(const float *rows, size_t count, size_t width, size_t taps, float *windows) {
    size_t padded = MINNOW_PADDED(width);
    for (size_t center = 0; center < count; center++)
        for (size_t tap = 0; tap < taps; tap++, windows += padded) {
            size_t token = token_at(center, tap, taps);
            memset(windows, 0, padded * sizeof *windows);
            if (token < count) memcpy(windows, rows + token * width, width * sizeof *windows);
        }
}

static void lay_out(const struct minnow_trace *trace, const struct some *some, const float *rows, size_t width,
                    const struct minnow_convolution_branch *branch, float *windows) {
    for (size_t i = some->first_text; i < some->end_text; i++) {
        struct minnow_span span = trace->batch.spans[i];
        lay_out_text(rows + span.first * width, span.count, width, branch->taps, windows);
        windows += span.count * branch->linear.inputs;
    }
}

static void text_back(const float *windows, size_t count, size_t width, size_t taps, float *gradient) {
    size_t padded = MINNOW_PADDED(width);
    for (size_t center = 0; center < count; center++)
        for (size_t tap = 0; tap < taps; tap++, windows += padded) {
            size_t token = token_at(center, tap, taps);
            if (token < count) minnow_row_add(1, windows, width, gradient + token * width);
        }
}

static size_t outputs_of(const struct minnow_convolution *convolution) {
    size_t outputs = 0;
    for (uint32_t i = 0; i < convolution->branch_count; i++) outputs += convolution->branches[i].linear.outputs;
    return outputs;
}

/* Columns from rows of `from_width` into rows of `to_width`. */
static void copy_columns(const float *from, size_t from_width, size_t rows, size_t columns, float *to,
                         size_t to_width) {
    for (size_t r = 0; r < rows; r++) memcpy(to + r * to_width, from + r * from_width, columns * sizeof *to);
}

static bool run_branch(const struct minnow_convolution *convolution, uint32_t index, struct minnow_trace *trace,
                       const struct minnow_step *step, float *windows) {
    const struct minnow_convolution_branch *branch = &convolution->branches[index];
    size_t outputs = branch->linear.outputs, count = step->row_count * outputs;
    struct saved *saved = step->saved;
    float *before = saved->before[index] = minnow_tape_floats(&trace->tape, count);
    float *after = saved->after[index] = minnow_tape_floats(&trace->tape, count);
    if (!before || !after) return false;
    for (struct some some = {0}; next_texts(&trace->batch, &some);) {
        lay_out(trace, &some, step->rows, step->width, branch, windows);
        minnow_train_linear(&branch->linear, windows, some.row_count, before + some.first_row * outputs);
    }
    minnow_train_activation(trace->kernels, convolution->activation, before, count, after);
    return true;
}

static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    const struct minnow_convolution *convolution = &layer->convolution;
    size_t width = outputs_of(convolution), column = 0;
    struct saved *saved = step->saved = minnow_tape_push(&trace->tape, sizeof *saved);
    float *windows = minnow_tape_floats(&trace->tape, most_windows(&trace->batch) * widest_window(convolution));
    float *out = minnow_trace_put_rows(trace, step->row_count, width);
    if (!saved || !windows || !out) return false;
    for (uint32_t i = 0; i < convolution->branch_count; i++) {
        size_t outputs = convolution->branches[i].linear.outputs;
        if (!run_branch(convolution, i, trace, step, windows)) return false;
        copy_columns(saved->after[i], outputs, step->row_count, outputs, out + column, width);
        column += outputs;
    }
    return true;
}

/* Room of the way back. */
struct room {
    float *windows, *window_gradient; /* [rows at once][inputs] */
    float *branch_gradient;           /* [rows][outputs of all branches] */
    float *next;
};

/* branch_gradient: of what the branch gave. */
static void branch_back(const struct minnow_convolution *convolution, uint32_t index,
                        struct minnow_convolution *gradient, const struct minnow_trace *trace,
                        const struct minnow_step *step, const struct room *room) {
    const struct minnow_convolution_branch *branch = &convolution->branches[index];
    const struct saved *saved = step->saved;
    size_t outputs = branch->linear.outputs, width = step->width;
    minnow_train_activation_back(trace->kernels, convolution->activation, saved->before[index], saved->after[index],
                                 step->row_count * outputs, room->branch_gradient);
    for (struct some some = {0}; next_texts(&trace->batch, &some);) {
        const float *g = room->branch_gradient + some.first_row * outputs, *windows = room->window_gradient;
        lay_out(trace, &some, step->rows, width, branch, room->windows);
        minnow_train_linear_weights(&branch->linear, &gradient->branches[index].linear, room->windows, g,
                                    some.row_count);
        minnow_train_linear_inputs(&branch->linear, g, some.row_count, false, room->window_gradient);
        for (size_t i = some.first_text; i < some.end_text; i++) {
            struct minnow_span span = trace->batch.spans[i];
            text_back(windows, span.count, width, branch->taps, room->next + span.first * width);
            windows += span.count * branch->linear.inputs;
        }
    }
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    const struct minnow_convolution *convolution = &layer->convolution;
    size_t width = outputs_of(convolution), column = 0, count = step->row_count * step->width;
    size_t windows = most_windows(&trace->batch) * widest_window(convolution);
    struct room room = {.windows = minnow_tape_floats(&trace->tape, windows),
                        .window_gradient = minnow_tape_floats(&trace->tape, windows),
                        .branch_gradient = minnow_tape_floats(&trace->tape, step->row_count * width),
                        .next = minnow_trace_next_gradient(trace, count)};
    if (!room.windows || !room.window_gradient || !room.branch_gradient || !room.next) return false;
    memset(room.next, 0, count * sizeof *room.next);
    for (uint32_t i = 0; i < convolution->branch_count; i++) {
        size_t outputs = convolution->branches[i].linear.outputs;
        copy_columns(trace->gradient + column, width, step->row_count, outputs, room.branch_gradient, outputs);
        branch_back(convolution, i, &gradient->convolution, trace, step, &room);
        column += outputs;
    }
    minnow_trace_pass_back(trace);
    return true;
}

const struct minnow_layer_training minnow_convolution_training = {forward, backward};
