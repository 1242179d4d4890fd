#include "convert/distill/trace.h"

#include <stdlib.h>
#include <string.h>

#include "convert/distill/layers/layers.h"

/* ---- Room for gradients ---- */

static float *raise(struct minnow_room *room, size_t count) {
    enum { ALIGNMENT = 64 };
    size_t padded = MINNOW_PADDED(count + 1);
    if (room->count >= padded) return room->floats;
    free(room->floats);
    room->floats = aligned_alloc(ALIGNMENT, padded * sizeof(float));
    room->count = room->floats ? padded : 0;
    return room->floats;
}

static void swap_rooms(struct minnow_trace *trace) {
    struct minnow_room room = trace->room[0];
    trace->room[0] = trace->room[1];
    trace->room[1] = room;
}

float *minnow_trace_next_gradient(struct minnow_trace *trace, size_t count) { return raise(&trace->room[1], count); }

void minnow_trace_pass_back(struct minnow_trace *trace) {
    swap_rooms(trace);
    trace->gradient = trace->room[0].floats;
}

float *minnow_trace_kept_gradient(struct minnow_trace *trace, size_t count) {
    if (trace->kept_gradient) return trace->kept_gradient;
    trace->kept_gradient = raise(&trace->room[2], count);
    if (trace->kept_gradient) memset(trace->kept_gradient, 0, count * sizeof(float));
    return trace->kept_gradient;
}

/* ---- There ---- */

void minnow_trace_begin(struct minnow_trace *trace, struct minnow_batch batch) {
    minnow_tape_clear(&trace->tape);
    trace->batch = batch;
    trace->rows = NULL;
    trace->row_count = trace->width = 0;
    trace->gradient = trace->kept_gradient = NULL;
    trace->kept = NULL;
    minnow_tape_clear(&trace->added_tape);
    for (size_t i = 0; i < trace->step_count; i++) trace->added[i] = NULL;
}

void minnow_trace_begin_rows(struct minnow_trace *trace, struct minnow_batch batch, const float *rows, size_t width) {
    minnow_trace_begin(trace, batch);
    trace->rows = rows;
    trace->row_count = batch.token_count;
    trace->width = width;
}

float *minnow_trace_put_rows(struct minnow_trace *trace, size_t row_count, size_t width) {
    float *rows = minnow_tape_floats(&trace->tape, row_count * width);
    trace->rows = rows;
    trace->row_count = row_count;
    trace->width = width;
    return rows;
}

static bool raise_steps(struct minnow_trace *trace, size_t count) {
    if (trace->step_count >= count) return true;
    struct minnow_step *steps = realloc(trace->steps, count * sizeof *steps);
    if (steps) trace->steps = steps;
    float **added = realloc(trace->added, count * sizeof *added);
    if (added) trace->added = added;
    if (!steps || !added) return false;
    while (trace->step_count < count) trace->added[trace->step_count++] = NULL;
    return true;
}

static bool forward(struct minnow_trace *trace, const struct minnow_layer *layer, struct minnow_step *step) {
    *step = (struct minnow_step){minnow_tape_now(&trace->tape), trace->rows, trace->row_count, trace->width, NULL};
    return minnow_layer_training(layer->kind)->forward(layer, trace, step);
}

enum minnow_status minnow_trace_forward(struct minnow_trace *trace, const struct minnow_route *route, uint32_t first,
                                        uint32_t end, struct minnow_error *error) {
    bool done = raise_steps(trace, end);
    trace->ran = end;
    for (uint32_t i = first; done && i < end; i++) done = forward(trace, &route->layers[i], &trace->steps[i]);
    return done ? MINNOW_OK
                : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %zu tokens", trace->batch.token_count);
}

/* ---- And back ---- */

float *minnow_trace_start_back(struct minnow_trace *trace) {
    size_t count = trace->row_count * trace->width;
    trace->gradient = raise(&trace->room[0], count);
    if (trace->gradient) memset(trace->gradient, 0, count * sizeof(float));
    return trace->gradient;
}

/* Rows that came out of a layer have the shape of those that came into the next. */
static size_t count_after(const struct minnow_trace *trace, uint32_t layer) {
    bool last = layer + 1 >= trace->ran;
    return last ? trace->row_count * trace->width : trace->steps[layer + 1].row_count * trace->steps[layer + 1].width;
}

float *minnow_trace_gradient_after(struct minnow_trace *trace, uint32_t layer) {
    if (!trace->added[layer]) trace->added[layer] = minnow_tape_zeros(&trace->added_tape, count_after(trace, layer));
    return trace->added[layer];
}

static void add_after(struct minnow_trace *trace, uint32_t layer) {
    const float *added = trace->added[layer];
    for (size_t i = 0; added && i < trace->row_count * trace->width; i++) trace->gradient[i] += added[i];
}

static bool backward(struct minnow_trace *trace, const struct minnow_layer *layer, struct minnow_layer *gradient,
                     const struct minnow_step *step) {
    if (!minnow_layer_training(layer->kind)->backward(layer, gradient, trace, step)) return false;
    minnow_tape_release(&trace->tape, step->mark);
    trace->rows = step->rows;
    trace->row_count = step->row_count;
    trace->width = step->width;
    return true;
}

enum minnow_status minnow_trace_backward(struct minnow_trace *trace, uint32_t route, struct minnow_gradients *gradients,
                                         uint32_t first, uint32_t end, struct minnow_error *error) {
    const struct minnow_layer *layers = gradients->network->contents.routes[route].layers;
    bool done = true;
    trace->gradients = gradients;
    for (uint32_t i = end; done && i > first; i--) {
        add_after(trace, i - 1);
        done = backward(trace, &layers[i - 1], &gradients->shape.layers[route][i - 1], &trace->steps[i - 1]);
    }
    return done ? MINNOW_OK
                : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a batch of %zu tokens", trace->batch.token_count);
}

void minnow_trace_free(struct minnow_trace *trace) {
    minnow_tape_free(&trace->tape);
    for (size_t i = 0; i < sizeof trace->room / sizeof *trace->room; i++) free(trace->room[i].floats);
    minnow_tape_free(&trace->added_tape);
    free(trace->steps);
    free(trace->added);
    *trace = (struct minnow_trace){.kernels = trace->kernels};
}
