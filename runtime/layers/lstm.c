/* An LSTM. The texts of a pass take their steps together: the rows of one step are those of all texts that are still
 * running, longest first, so that the recurrent product streams its weights once for all of them. */
#include <string.h>

#include "runtime/layers/layer.h"
#include "runtime/layers/scratch.h"

struct scratch {
    uint32_t *order;  /* [texts]: longest first */
    uint32_t *active; /* [longest text + 1]: texts that take step t, the first ones in order */
    uint32_t *places; /* [longest text + 1]: where the next text of a length goes in order */
    uint32_t *rows;   /* [tokens]: rows of the pass as they are computed, step after step */
    float *state, *cell; /* [texts in order][padded hidden] */
    float *recurrent;    /* [chunk rows][padded gates] */
};

/* Returns the bytes used; with base NULL it only measures. */
static size_t lay_out(struct scratch *scratch, char *base, size_t tokens, size_t longest, size_t hidden) {
    size_t padded = MINNOW_PADDED(hidden), gates = MINNOW_PADDED(4 * hidden), used = 0;
    scratch->order = minnow_scratch_take(base, &used, tokens * sizeof(uint32_t));
    scratch->active = minnow_scratch_take(base, &used, (longest + 1) * sizeof(uint32_t));
    scratch->places = minnow_scratch_take(base, &used, (longest + 1) * sizeof(uint32_t));
    scratch->rows = minnow_scratch_take(base, &used, tokens * sizeof(uint32_t));
    scratch->state = minnow_scratch_take(base, &used, tokens * padded * sizeof(float));
    scratch->cell = minnow_scratch_take(base, &used, tokens * padded * sizeof(float));
    scratch->recurrent = minnow_scratch_take(base, &used, MINNOW_CHUNK_ROWS * gates * sizeof(float));
    return used;
}

static void plan(const struct minnow_layer *layer, struct minnow_plan *plan) {
    const struct minnow_lstm *lstm = &layer->lstm;
    struct scratch scratch;
    minnow_plan_raise(&plan->row_width, lstm->direction_count * lstm->hidden);
    minnow_plan_raise(&plan->wide_width, 4 * (size_t)lstm->hidden);
    minnow_plan_raise(&plan->scratch_bytes, lay_out(&scratch, NULL, plan->tokens, plan->max_tokens, lstm->hidden));
    for (uint32_t i = 0; i < lstm->direction_count; i++) {
        minnow_linear_plan(&lstm->directions[i].input, plan);
        minnow_linear_plan(&lstm->directions[i].recurrent, plan);
    }
}

/* ---- Texts in time ---- */

static size_t longest_text(const struct minnow_pass *pass) {
    size_t longest = 0;
    for (size_t i = 0; i < pass->text_count; i++)
        if (pass->shared->spans[i].count > longest) longest = pass->shared->spans[i].count;
    return longest;
}

/* A text of n tokens stands behind those that take step n, which are the longer ones. */
static void order_texts(const struct minnow_pass *pass, size_t longest, struct scratch *scratch) {
    const struct minnow_span *spans = pass->shared->spans;
    memset(scratch->active, 0, (longest + 1) * sizeof *scratch->active);
    for (size_t i = 0; i < pass->text_count; i++)
        for (size_t t = 0; t < spans[i].count; t++) scratch->active[t]++;
    memcpy(scratch->places, scratch->active, (longest + 1) * sizeof *scratch->active);
    for (size_t i = 0; i < pass->text_count; i++) scratch->order[scratch->places[spans[i].count]++] = (uint32_t)i;
}

static void order_rows(const struct minnow_pass *pass, size_t longest, bool backward, struct scratch *scratch) {
    uint32_t *next = scratch->rows;
    for (uint32_t t = 0; t < longest; t++)
        for (size_t i = 0; i < scratch->active[t]; i++) {
            struct minnow_span span = pass->shared->spans[scratch->order[i]];
            *next++ = span.first + (backward ? span.count - 1 - t : t);
        }
}

/* ---- One direction ---- */

struct run {
    const struct minnow_pass *pass;
    const struct minnow_lstm_direction *direction;
    struct scratch scratch;
    size_t hidden, column, out_stride; /* where its outputs go in rows of pass->other */
    size_t step, begin;                /* the step under way, and its first row in time's order */
};

/* The current step of rows `first` to first + rows, from what the inputs contribute to the gates. */
static void take_step(const struct run *run, size_t first, size_t rows, const float *input) {
    const struct scratch *scratch = &run->scratch;
    size_t padded = MINNOW_PADDED(run->hidden), gates = MINNOW_PADDED(4 * run->hidden), at = first - run->begin;
    float *state = scratch->state + at * padded, *cell = scratch->cell + at * padded;
    struct minnow_lstm_gates_args args = {.rows = rows,
                                          .hidden = run->hidden,
                                          .input = input,
                                          .input_stride = gates,
                                          .recurrent_stride = gates,
                                          .cell = cell,
                                          .cell_stride = padded,
                                          .out = state,
                                          .out_stride = padded};
    if (run->step == 0) {
        memset(cell, 0, rows * padded * sizeof *cell);
    } else {
        minnow_linear_run(run->pass, &run->direction->recurrent, state, rows, MINNOW_IDENTITY, scratch->recurrent);
        args.recurrent = scratch->recurrent;
    }
    run->pass->kernels->lstm_gates(&args);
    for (size_t r = 0; r < rows; r++)
        memcpy(run->pass->other + scratch->rows[first + r] * run->out_stride + run->column, state + r * padded,
               run->hidden * sizeof *state);
}

/* Rows `first` to `end`, in time's order. */
static void take_steps(struct run *run, size_t first, size_t end, const float *input) {
    size_t gates = MINNOW_PADDED(4 * run->hidden);
    while (first < end) {
        size_t step_end = run->begin + run->scratch.active[run->step], stop = step_end < end ? step_end : end;
        take_step(run, first, stop - first, input);
        input += (stop - first) * gates;
        first = stop;
        if (first < step_end) continue;
        run->begin = step_end;
        run->step++;
    }
}

/* What the inputs contribute needs no step before it: a chunk of rows at once. */
static void run_direction(struct run *run) {
    const struct minnow_pass *pass = run->pass;
    size_t stride = MINNOW_PADDED(pass->width);
    float *in = pass->own->spare, *projected = pass->own->wide;
    for (size_t first = 0; first < pass->row_count; first += MINNOW_CHUNK_ROWS) {
        size_t left = pass->row_count - first, count = left < MINNOW_CHUNK_ROWS ? left : MINNOW_CHUNK_ROWS;
        for (size_t r = 0; r < count; r++)
            memcpy(in + r * stride, pass->rows + run->scratch.rows[first + r] * stride, pass->width * sizeof *in);
        minnow_linear_run(pass, &run->direction->input, in, count, MINNOW_IDENTITY, projected);
        take_steps(run, first, first + count, projected);
    }
}

static void run(const struct minnow_layer *layer, struct minnow_pass *pass) {
    const struct minnow_lstm *lstm = &layer->lstm;
    struct scratch scratch;
    minnow_pass_go_alone(pass);
    if (pass->finished) return;
    size_t longest = longest_text(pass), width = lstm->direction_count * lstm->hidden;
    lay_out(&scratch, pass->own->scratch, pass->text_count > pass->row_count ? pass->text_count : pass->row_count,
            longest, lstm->hidden);
    order_texts(pass, longest, &scratch);
    for (uint32_t i = 0; i < lstm->direction_count; i++) {
        order_rows(pass, longest, i == 1, &scratch);
        run_direction(&(struct run){.pass = pass,
                                    .direction = &lstm->directions[i],
                                    .scratch = scratch,
                                    .hidden = lstm->hidden,
                                    .column = i * lstm->hidden,
                                    .out_stride = MINNOW_PADDED(width)});
    }
    minnow_pass_swap(pass, pass->row_count, width);
}

static void linears(const struct minnow_layer *layer, minnow_linear_visit_fn *visit, void *context) {
    const struct minnow_lstm *lstm = &layer->lstm;
    for (uint32_t i = 0; i < lstm->direction_count; i++) {
        visit(context, &lstm->directions[i].input);
        visit(context, &lstm->directions[i].recurrent);
    }
}

const struct minnow_layer_operations minnow_lstm_operations = {plan, run, linears};
