/* An LSTM: all texts take their steps together, so that a step is a product of many rows. */
#include <string.h>

#include "convert/distill/layers/activation.h"
#include "convert/distill/layers/lanes.h"
#include "convert/distill/layers/layers.h"
#include "convert/distill/layers/linear.h"
#include "convert/distill/layers/time_order.h"

/* Of one direction, everything in time's order. */
struct direction {
    struct minnow_time_order order;
    float *in;          /* [rows][inputs] */
    float *gates;       /* [rows][4 hidden]: i, f, g, o */
    float *cell;        /* [rows][hidden] */
    float *active_cell; /* [rows][hidden]: its tanh */
    float *state;       /* [rows][hidden] */
};

/* ---- There ---- */

/* Room for one step. */
struct scratch {
    float *gates, *recurrent; /* [texts][4 hidden] */
    float *candidates;        /* [texts][hidden]: gate g */
};

static bool take_direction(const struct minnow_step *step, size_t hidden, struct minnow_tape *tape,
                           struct direction *direction, struct scratch *scratch) {
    size_t rows = step->row_count, texts = direction->order.steps ? direction->order.active[0] : 0;
    direction->in = minnow_tape_floats(tape, rows * step->width);
    direction->gates = minnow_tape_floats(tape, rows * 4 * hidden);
    direction->cell = minnow_tape_floats(tape, rows * hidden);
    direction->active_cell = minnow_tape_floats(tape, rows * hidden);
    direction->state = minnow_tape_floats(tape, rows * hidden);
    scratch->gates = minnow_tape_floats(tape, texts * 4 * hidden);
    scratch->recurrent = minnow_tape_floats(tape, texts * 4 * hidden);
    scratch->candidates = minnow_tape_floats(tape, texts * hidden);
    return direction->in && direction->gates && direction->cell && direction->active_cell && direction->state &&
           scratch->gates && scratch->recurrent && scratch->candidates;
}

/* The candidates g take tanh, the other gates sigmoid. */
static void activate_gates(const struct minnow_kernels *kernels, size_t count, size_t hidden,
                           const struct scratch *scratch, float *gates) {
    for (size_t r = 0; r < count; r++)
        memcpy(scratch->candidates + r * hidden, scratch->gates + (4 * r + 2) * hidden, hidden * sizeof *gates);
    minnow_train_activation(kernels, MINNOW_TANH, scratch->candidates, count * hidden, scratch->candidates);
    minnow_train_activation(kernels, MINNOW_SIGMOID, scratch->gates, count * 4 * hidden, scratch->gates);
    memcpy(gates, scratch->gates, count * 4 * hidden * sizeof *gates);
    for (size_t r = 0; r < count; r++)
        memcpy(gates + (4 * r + 2) * hidden, scratch->candidates + r * hidden, hidden * sizeof *gates);
}

static void take_cells(const float *gates, const float *before, size_t count, size_t hidden, float *cell) {
    for (size_t r = 0; r < count; r++) {
        const float *i = gates + 4 * r * hidden, *f = i + hidden, *g = f + hidden;
        for (size_t c = 0; c < hidden; c++) {
            float kept = before ? f[c] * before[r * hidden + c] : 0;
            cell[r * hidden + c] = kept + i[c] * g[c];
        }
    }
}

/* Rows `first` to first + count, whose step before began at row `before`. */
static void take_step(const struct minnow_lstm_direction *weights, const struct minnow_kernels *kernels, size_t hidden,
                      const struct direction *direction, const struct scratch *scratch, size_t first, size_t before,
                      size_t count) {
    bool begins = first == before;
    float *gates = direction->gates + first * 4 * hidden, *cell = direction->cell + first * hidden;
    memcpy(scratch->gates, gates, count * 4 * hidden * sizeof *gates);
    if (!begins) {
        minnow_train_linear(&weights->recurrent, direction->state + before * hidden, count, scratch->recurrent);
        minnow_row_add(1, scratch->recurrent, count * 4 * hidden, scratch->gates);
    }
    activate_gates(kernels, count, hidden, scratch, gates);
    take_cells(gates, begins ? NULL : direction->cell + before * hidden, count, hidden, cell);
    minnow_train_activation(kernels, MINNOW_TANH, cell, count * hidden, direction->active_cell + first * hidden);
    for (size_t r = 0; r < count; r++)
        for (size_t c = 0; c < hidden; c++)
            direction->state[(first + r) * hidden + c] =
                gates[(4 * r + 3) * hidden + c] * direction->active_cell[(first + r) * hidden + c];
}

/* Outputs go to `column` on in rows of out_width. */
static bool run_direction(const struct minnow_lstm_direction *weights, size_t hidden, struct minnow_trace *trace,
                          const struct minnow_step *step, struct direction *direction, float *out, size_t out_width) {
    const struct minnow_time_order *order = &direction->order;
    struct scratch scratch;
    if (!take_direction(step, hidden, &trace->tape, direction, &scratch)) return false;
    for (size_t r = 0; r < step->row_count; r++)
        memcpy(direction->in + r * step->width, step->rows + order->rows[r] * step->width, step->width * sizeof(float));
    minnow_train_linear(&weights->input, direction->in, step->row_count, direction->gates);
    size_t first = 0, before = 0;
    for (size_t t = 0; t < order->steps; t++) {
        take_step(weights, trace->kernels, hidden, direction, &scratch, first, before, order->active[t]);
        before = first;
        first += order->active[t];
    }
    for (size_t r = 0; r < step->row_count; r++)
        memcpy(out + order->rows[r] * out_width, direction->state + r * hidden, hidden * sizeof(float));
    return true;
}

/* Saved: both directions. */
static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    const struct minnow_lstm *lstm = &layer->lstm;
    size_t hidden = lstm->hidden, width = lstm->direction_count * hidden;
    struct direction *directions = step->saved = minnow_tape_push(&trace->tape, 2 * sizeof *directions);
    float *out = minnow_trace_put_rows(trace, step->row_count, width);
    if (!directions || !out) return false;
    for (uint32_t i = 0; i < lstm->direction_count; i++)
        if (!minnow_time_order(&trace->batch, i == 1, &trace->tape, &directions[i].order) ||
            !run_direction(&lstm->directions[i], hidden, trace, step, &directions[i], out + i * hidden, width))
            return false;
    return true;
}

/* ---- And back ---- */

/* Room of the way back. */
struct room {
    float *gates;        /* [rows][4 hidden]: gradient of what the gates are made from */
    float *state, *cell; /* [texts][hidden]: gradients that later steps gave, and 0 for texts that have ended */
    float *in;           /* [rows][inputs]: gradient of what came in; then the states of a step ago */
};

static bool take_room(const struct minnow_step *step, const struct direction *direction, size_t hidden,
                      struct minnow_tape *tape, struct room *room) {
    size_t rows = step->row_count, texts = direction->order.steps ? direction->order.active[0] : 0;
    room->gates = minnow_tape_floats(tape, rows * 4 * hidden);
    room->state = minnow_tape_zeros(tape, texts * hidden);
    room->cell = minnow_tape_zeros(tape, texts * hidden);
    room->in = minnow_tape_floats(tape, rows * (step->width > hidden ? step->width : hidden));
    return room->gates && room->state && room->cell && room->in;
}

/* One row: `state_gradient` is the whole of its state's, cell_gradient comes from the step after and goes to the one
 * before; `before` is the cell of a step ago, or NULL. */
static void row_back(const float *gates, const float *active_cell, const float *before, const float *state_gradient,
                     size_t hidden, float *cell_gradient, float *gate_gradient) {
    const float *i = gates, *f = i + hidden, *g = f + hidden, *o = g + hidden;
    for (size_t c = 0; c < hidden; c++) {
        float cell = cell_gradient[c] + state_gradient[c] * o[c] * (1 - active_cell[c] * active_cell[c]);
        gate_gradient[c] = cell * g[c] * i[c] * (1 - i[c]);
        gate_gradient[hidden + c] = before ? cell * before[c] * f[c] * (1 - f[c]) : 0;
        gate_gradient[2 * hidden + c] = cell * i[c] * (1 - g[c] * g[c]);
        gate_gradient[3 * hidden + c] = state_gradient[c] * active_cell[c] * o[c] * (1 - o[c]);
        cell_gradient[c] = cell * f[c];
    }
}

/* Rows `first` to first + count; out_gradient: the direction's columns in rows of out_width. */
static void step_back(const struct minnow_lstm_direction *weights, size_t hidden, const struct direction *direction,
                      const struct room *room, size_t first, size_t before, size_t count, const float *out_gradient,
                      size_t out_width) {
    bool begins = first == before;
    for (size_t r = 0; r < count; r++) {
        size_t row = first + r;
        float *state = room->state + r * hidden;
        minnow_row_add(1, out_gradient + direction->order.rows[row] * out_width, hidden, state);
        row_back(direction->gates + row * 4 * hidden, direction->active_cell + row * hidden,
                 begins ? NULL : direction->cell + (before + r) * hidden, state, hidden, room->cell + r * hidden,
                 room->gates + row * 4 * hidden);
    }
    if (!begins)
        minnow_train_linear_inputs(&weights->recurrent, room->gates + first * 4 * hidden, count, false, room->state);
}

static void steps_back(const struct minnow_lstm_direction *weights, size_t hidden, const struct direction *direction,
                       const struct room *room, size_t rows, const float *out_gradient, size_t out_width) {
    const uint32_t *active = direction->order.active;
    size_t first = rows;
    for (size_t t = direction->order.steps; t > 0; t--) {
        first -= active[t - 1];
        size_t before = t > 1 ? first - active[t - 2] : first;
        step_back(weights, hidden, direction, room, first, before, active[t - 1], out_gradient, out_width);
    }
}

/* The states that every row but those of the first step began with. */
static size_t copy_states_before(const struct direction *direction, size_t hidden, float *out) {
    size_t before = 0, count = 0;
    for (size_t t = 1; t < direction->order.steps; t++) {
        size_t rows = direction->order.active[t];
        memcpy(out + count * hidden, direction->state + before * hidden, rows * hidden * sizeof *out);
        before += direction->order.active[t - 1];
        count += rows;
    }
    return count;
}

static bool direction_back(const struct minnow_lstm_direction *weights, struct minnow_lstm_direction *gradient,
                           size_t hidden, struct minnow_trace *trace, const struct minnow_step *step,
                           const struct direction *direction, size_t column, float *next) {
    size_t rows = step->row_count, width = step->width;
    struct room room;
    if (!take_room(step, direction, hidden, &trace->tape, &room)) return false;
    steps_back(weights, hidden, direction, &room, rows, trace->gradient + column, trace->width);
    minnow_train_linear_weights(&weights->input, &gradient->input, direction->in, room.gates, rows);
    minnow_train_linear_inputs(&weights->input, room.gates, rows, false, room.in);
    for (size_t r = 0; r < rows; r++)
        minnow_row_add(1, room.in + r * width, width, next + direction->order.rows[r] * width);
    size_t count = copy_states_before(direction, hidden, room.in);
    minnow_train_linear_weights(&weights->recurrent, &gradient->recurrent, room.in,
                                room.gates + (rows - count) * 4 * hidden, count);
    return true;
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    const struct minnow_lstm *lstm = &layer->lstm;
    const struct direction *directions = step->saved;
    size_t count = step->row_count * step->width;
    float *next = minnow_trace_next_gradient(trace, count);
    if (!next) return false;
    memset(next, 0, count * sizeof *next);
    for (uint32_t i = 0; i < lstm->direction_count; i++)
        if (!direction_back(&lstm->directions[i], &gradient->lstm.directions[i], lstm->hidden, trace, step,
                            &directions[i], i * lstm->hidden, next))
            return false;
    minnow_trace_pass_back(trace);
    return true;
}

const struct minnow_layer_training minnow_lstm_training = {forward, backward};
