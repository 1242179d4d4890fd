/* A post-norm transformer block (BERT): attention, then feed-forward, each added and normalized. */
#include "convert/distill/layers/encoder_block.h"

#include "convert/distill/layers/activation.h"
#include "convert/distill/layers/attention.h"
#include "convert/distill/layers/layers.h"
#include "convert/distill/layers/linear.h"
#include "convert/distill/layers/norm.h"

struct saved {
    float *query_key_value, *weights, *context; /* of attention */
    float *added;                               /* gradient of query_key_value that a loss gives; or NULL */
    size_t width;                               /* of queries, keys, values */
    struct minnow_normed attention_norm, output_norm;
    float *attended;    /* after the first norm, [rows][hidden] */
    float *up, *active; /* before and after the activation, [rows][intermediate] */
};

static struct saved *take_saved(const struct minnow_encoder_block *block, struct minnow_trace *trace, size_t rows) {
    struct minnow_tape *tape = &trace->tape;
    size_t hidden = block->hidden, width = minnow_attention_width(block);
    struct saved *saved = minnow_tape_push(tape, sizeof *saved);
    if (!saved) return NULL;
    saved->added = NULL;
    saved->width = width;
    saved->query_key_value = minnow_tape_floats(tape, rows * 3 * width);
    saved->weights = minnow_tape_floats(tape, minnow_train_attention_floats(block, &trace->batch));
    saved->context = minnow_tape_floats(tape, rows * width);
    saved->attended = minnow_tape_floats(tape, rows * hidden);
    saved->up = minnow_tape_floats(tape, rows * block->intermediate);
    saved->active = minnow_tape_floats(tape, rows * block->intermediate);
    bool taken = minnow_normed_take(tape, rows, hidden, &saved->attention_norm) &&
                 minnow_normed_take(tape, rows, hidden, &saved->output_norm);
    return taken && saved->query_key_value && saved->weights && saved->context && saved->attended && saved->up &&
                   saved->active
               ? saved
               : NULL;
}

/* What leads into each norm is computed where its result will be. */
static bool forward(const struct minnow_layer *layer, struct minnow_trace *trace, struct minnow_step *step) {
    const struct minnow_encoder_block *block = &layer->encoder_block;
    size_t rows = step->row_count;
    struct saved *saved = step->saved = take_saved(block, trace, rows);
    float *out = saved ? minnow_trace_put_rows(trace, rows, block->hidden) : NULL;
    if (!out) return false;
    minnow_train_linear(&block->query_key_value, step->rows, rows, saved->query_key_value);
    minnow_train_attention(block, trace, saved->query_key_value, saved->weights, saved->context);
    minnow_train_linear(&block->attention_output, saved->context, rows, saved->attended);
    minnow_train_norm(&block->attention_norm, saved->attended, step->rows, rows, &saved->attention_norm,
                      saved->attended);
    minnow_train_linear(&block->ffn_up, saved->attended, rows, saved->up);
    minnow_train_activation(trace->kernels, block->activation, saved->up, rows * block->intermediate, saved->active);
    minnow_train_linear(&block->ffn_down, saved->active, rows, out);
    minnow_train_norm(&block->output_norm, out, saved->attended, rows, &saved->output_norm, out);
    return true;
}

const float *minnow_train_query_key_value(const struct minnow_trace *trace, uint32_t layer, size_t *width) {
    const struct saved *saved = trace->steps[layer].saved;
    *width = saved->width;
    return saved->query_key_value;
}

float *minnow_train_query_key_value_gradient(struct minnow_trace *trace, uint32_t layer) {
    struct saved *saved = trace->steps[layer].saved;
    if (!saved->added)
        saved->added = minnow_tape_zeros(&trace->added_tape, trace->steps[layer].row_count * 3 * saved->width);
    return saved->added;
}

/* Room of the way back. */
struct room {
    float *wide;            /* [rows][intermediate] */
    float *context;         /* [rows][width of attention] */
    float *query_key_value; /* [rows][3 times that] */
    float *scores;          /* of one head of one text */
};

static bool take_room(const struct minnow_encoder_block *block, struct minnow_trace *trace, size_t rows,
                      struct room *room) {
    size_t scores = 0, width = minnow_attention_width(block);
    for (size_t i = 0; i < trace->batch.text_count; i++) {
        size_t count = trace->batch.spans[i].count * MINNOW_PADDED(trace->batch.spans[i].seen);
        scores = count > scores ? count : scores;
    }
    room->wide = minnow_tape_floats(&trace->tape, rows * block->intermediate);
    room->context = minnow_tape_floats(&trace->tape, rows * width);
    room->query_key_value = minnow_tape_floats(&trace->tape, rows * 3 * width);
    room->scores = minnow_tape_floats(&trace->tape, scores);
    return room->wide && room->context && room->query_key_value && room->scores;
}

/* In place, from the gradient of what came out to that of the rows after the first norm. */
static void feed_forward_back(const struct minnow_encoder_block *block, struct minnow_encoder_block *gradient,
                              const struct minnow_trace *trace, const struct saved *saved, size_t rows, float *wide,
                              float *g) {
    minnow_train_norm_back(&block->output_norm, &gradient->output_norm, &saved->output_norm, g, rows, g);
    minnow_train_linear_weights(&block->ffn_down, &gradient->ffn_down, saved->active, g, rows);
    minnow_train_linear_inputs(&block->ffn_down, g, rows, false, wide);
    minnow_train_activation_back(trace->kernels, block->activation, saved->up, saved->active,
                                 rows * block->intermediate, wide);
    minnow_train_linear_weights(&block->ffn_up, &gradient->ffn_up, saved->attended, wide, rows);
    minnow_train_linear_inputs(&block->ffn_up, wide, rows, true, g);
}

static bool backward(const struct minnow_layer *layer, struct minnow_layer *gradient, struct minnow_trace *trace,
                     const struct minnow_step *step) {
    const struct minnow_encoder_block *block = &layer->encoder_block;
    struct minnow_encoder_block *sums = &gradient->encoder_block;
    const struct saved *saved = step->saved;
    size_t rows = step->row_count;
    struct room room;
    float *g = trace->gradient;
    if (!take_room(block, trace, rows, &room)) return false;
    feed_forward_back(block, sums, trace, saved, rows, room.wide, g);
    minnow_train_norm_back(&block->attention_norm, &sums->attention_norm, &saved->attention_norm, g, rows, g);
    minnow_train_linear_weights(&block->attention_output, &sums->attention_output, saved->context, g, rows);
    minnow_train_linear_inputs(&block->attention_output, g, rows, false, room.context);
    minnow_train_attention_back(block, trace, saved->query_key_value, saved->weights, room.context, room.scores,
                                room.query_key_value);
    for (size_t i = 0; saved->added && i < rows * 3 * saved->width; i++) room.query_key_value[i] += saved->added[i];
    minnow_train_linear_weights(&block->query_key_value, &sums->query_key_value, step->rows, room.query_key_value,
                                rows);
    minnow_train_linear_inputs(&block->query_key_value, room.query_key_value, rows, true, g);
    return true;
}

const struct minnow_layer_training minnow_encoder_block_training = {forward, backward};
