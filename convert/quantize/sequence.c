#include "convert/quantize/sequence.h"

#include <string.h>

#include "convert/quantize/front.h"

/* Rows computed at once: whole texts. Copies: of each calibration text, varied. */
enum { CHUNK_ROWS = 512, COPIES = 2, FEW_BLOCKS = 3 };

/* The f32 model's rows, and those of the model that is being rounded. */
enum { EXACT, ROUNDED, STREAMS };

struct work {
    const struct minnow_sequence *sequence;
    struct minnow_token_texts texts;
    struct minnow_stream_room room;
    size_t chunk_rows, width;
    float *x[STREAMS];      /* all rows */
    float *wide[STREAMS];   /* of a chunk, what a half's first linear gives; also what leads to the first block */
    float *branch[STREAMS]; /* of a chunk, what its second linear gets */
    float *met[STREAMS];    /* of a chunk, dense: what meets weights */
    float *lost;            /* of a chunk, dense: EXACT minus ROUNDED */
};

/* One half of a block: x = norm(x + second(between(first(x)))). */
struct half {
    const struct minnow_encoder_block *block;
    const struct minnow_linear *linears[2];
    const struct minnow_layer_norm *norm;
    bool attention;
    enum minnow_weight_type type;
    struct minnow_linear *out[2];
    struct minnow_effective effective[2][STREAMS];
};

/* Some texts, whole. */
struct chunk {
    size_t first_text, end_text, first_row, rows;
};

static bool next_chunk(const struct work *work, struct chunk *chunk) {
    const size_t *first = work->texts.first;
    size_t text = chunk->end_text;
    if (text == work->texts.count) return false;
    chunk->first_text = text;
    while (text < work->texts.count && first[text + 1] - first[chunk->first_text] <= work->chunk_rows) text++;
    chunk->end_text = text;
    chunk->first_row = first[chunk->first_text];
    chunk->rows = first[text] - chunk->first_row;
    return true;
}

static float *rows_of(const struct work *work, size_t stream, struct chunk chunk) {
    return work->x[stream] + chunk.first_row * MINNOW_PADDED(work->width);
}

/* ---- Through a half ---- */

static void attend(const struct work *work, const struct half *half, struct chunk chunk, const float *in, float *out) {
    size_t width = minnow_attention_width(half->block);
    for (size_t t = chunk.first_text; t < chunk.end_text; t++) {
        size_t row = work->texts.first[t] - chunk.first_row, tokens = work->texts.first[t + 1] - work->texts.first[t];
        minnow_stream_attention(&work->room, in + row * MINNOW_PADDED(3 * width), tokens, width, half->block->heads,
                                out + row * MINNOW_PADDED(width));
    }
}

static void activate(const struct work *work, const struct half *half, size_t rows, float *x) {
    size_t columns = half->block->intermediate;
    minnow_activate(work->sequence->kernels, half->block->activation, x, MINNOW_PADDED(columns), rows, columns);
}

/* What the second linear gets. */
static const float *run_first(const struct work *work, const struct half *half, size_t stream, struct chunk chunk) {
    float *wide = work->wide[stream];
    minnow_stream_linear(&work->room, &half->effective[0][stream], rows_of(work, stream, chunk), chunk.rows, wide);
    if (!half->attention) {
        activate(work, half, chunk.rows, wide);
        return wide;
    }
    attend(work, half, chunk, wide, work->branch[stream]);
    return work->branch[stream];
}

static void advance(const struct work *work, const struct half *half, size_t stream, struct chunk chunk) {
    size_t stride = MINNOW_PADDED(work->width);
    float *x = rows_of(work, stream, chunk), *sum = work->met[stream];
    const struct minnow_layer_norm *norm = half->norm;
    const float *in = run_first(work, half, stream, chunk);
    minnow_stream_linear(&work->room, &half->effective[1][stream], in, chunk.rows, sum);
    work->sequence->kernels->layer_norm_rows(sum, x, stride, chunk.rows, norm->width, norm->gamma, norm->beta,
                                             norm->epsilon, x);
}

/* ---- Rounding ---- */

static void lose(const struct work *work, struct chunk chunk) {
    const float *exact = rows_of(work, EXACT, chunk), *rounded = rows_of(work, ROUNDED, chunk);
    size_t width = work->width, stride = MINNOW_PADDED(width);
    for (size_t r = 0; r < chunk.rows; r++)
        for (size_t c = 0; c < width; c++) work->lost[r * width + c] = exact[r * stride + c] - rounded[r * stride + c];
}

/* One chunk's inputs of a half's linear `which`, as both streams' weights meet them. */
static void observe(const struct work *work, const struct half *half, size_t which,
                    const struct minnow_effective *meeting, struct chunk chunk, struct minnow_drift *drift) {
    for (size_t stream = EXACT; stream < STREAMS; stream++) {
        const float *in = which == 0 ? rows_of(work, stream, chunk) : run_first(work, half, stream, chunk);
        minnow_stream_meet(&work->room, meeting, stream == ROUNDED, in, chunk.rows, work->met[stream]);
    }
    if (which == 1) lose(work, chunk);
    minnow_drift_add(drift, work->met[EXACT], work->met[ROUNDED], which == 1 ? work->lost : NULL, chunk.rows);
}

/* As what the chunks' rows ask for. */
static enum minnow_status round_anew(const struct work *work, struct half *half, size_t which) {
    const struct minnow_sequence *sequence = work->sequence;
    const struct minnow_linear *linear = half->linears[which];
    const struct minnow_linear_statistics *statistics = minnow_calibration_find(sequence->calibration, linear);
    if (!statistics) return minnow_fail(sequence->error, MINNOW_BAD_INPUT, "no calibration text reached a layer");
    struct minnow_effective meeting = {
        .inputs = linear->inputs, .multiplier = statistics->multiplier, .rotation = statistics->rotation};
    struct minnow_drift drift;
    if (!minnow_drift_create(linear->inputs, linear->outputs, work->chunk_rows, &drift))
        return minnow_fail(sequence->error, MINNOW_OUT_OF_MEMORY, "calibration");
    for (struct chunk chunk = {0}; next_chunk(work, &chunk);) observe(work, half, which, &meeting, chunk, &drift);
    minnow_drift_center(&drift);
    enum minnow_status status =
        minnow_quantize_drifted(linear, half->type, statistics, &drift, sequence->memory, half->out[which],
                                &half->effective[which][ROUNDED], sequence->error);
    minnow_drift_free(&drift);
    return status;
}

static enum minnow_status round_linear(const struct work *work, struct half *half, size_t which) {
    const struct minnow_linear *linear = half->linears[which];
    enum minnow_status status = MINNOW_OK;
    bool taken = false;
    half->effective[which][EXACT] = (struct minnow_effective){
        .inputs = linear->inputs, .outputs = linear->outputs, .weight = linear->weight, .bias = linear->bias};
    if (half->type == MINNOW_WEIGHT_S4)
        status = minnow_quantize_exact(linear, work->sequence->memory, half->out[which],
                                       &half->effective[which][ROUNDED], &taken, work->sequence->error);
    return status || taken ? status : round_anew(work, half, which);
}

static enum minnow_status round_half(const struct work *work, struct half *half) {
    enum minnow_status status = round_linear(work, half, 0);
    if (status == MINNOW_OK) status = round_linear(work, half, 1);
    if (status != MINNOW_OK) return status;
    for (struct chunk chunk = {0}; next_chunk(work, &chunk);)
        for (size_t stream = EXACT; stream < STREAMS; stream++) advance(work, half, stream, chunk);
    return MINNOW_OK;
}

static enum minnow_status round_block(const struct work *work, const struct minnow_encoder_block *in,
                                      enum minnow_weight_type type, struct minnow_encoder_block *out) {
    struct half attention = {.block = in,
                             .linears = {&in->query_key_value, &in->attention_output},
                             .norm = &in->attention_norm,
                             .attention = true,
                             .type = type,
                             .out = {&out->query_key_value, &out->attention_output}};
    struct half feed_forward = {.block = in,
                                .linears = {&in->ffn_up, &in->ffn_down},
                                .norm = &in->output_norm,
                                .type = type,
                                .out = {&out->ffn_up, &out->ffn_down}};
    enum minnow_status status = round_half(work, &attention);
    return status == MINNOW_OK ? round_half(work, &feed_forward) : status;
}

/* ---- A route ---- */

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t widest_of(const struct minnow_route *route) {
    size_t widest = minnow_front_widest(route->layers, minnow_front_count(route));
    for (uint32_t i = 0; i < route->layer_count; i++) {
        const struct minnow_layer *layer = &route->layers[i];
        if (layer->kind == MINNOW_LAYER_ENCODER_BLOCK)
            widest = larger(widest, larger(3 * (size_t)layer->encoder_block.hidden, layer->encoder_block.intermediate));
    }
    return widest;
}

static bool take_room(struct work *work) {
    const struct minnow_sequence *sequence = work->sequence;
    struct minnow_memory *memory = sequence->memory;
    if (!minnow_token_texts(sequence->contents, sequence->role, sequence->texts, sequence->text_count, COPIES, memory,
                            &work->texts))
        return false;
    size_t padded = MINNOW_PADDED(work->width), widest = MINNOW_PADDED(widest_of(sequence->route));
    size_t rows = work->chunk_rows = larger(CHUNK_ROWS, work->texts.longest);
    work->lost = minnow_memory_take(memory, rows * padded * sizeof(float));
    bool room = work->lost &&
                minnow_stream_room_take(sequence->kernels, rows, widest, work->texts.longest, memory, &work->room);
    for (size_t s = EXACT; s < STREAMS && room; s++) {
        work->x[s] = minnow_memory_take(memory, work->texts.first[work->texts.count] * padded * sizeof(float));
        work->wide[s] = minnow_memory_take(memory, rows * widest * sizeof(float));
        work->branch[s] = minnow_memory_take(memory, rows * padded * sizeof(float));
        work->met[s] = minnow_memory_take(memory, rows * widest * sizeof(float));
        room = work->x[s] && work->wide[s] && work->branch[s] && work->met[s];
    }
    return room;
}

/* All texts through the layers before the first block. */
static void begin(const struct work *work, const struct minnow_front *fronts) {
    const size_t *first = work->texts.first;
    for (size_t s = EXACT; s < STREAMS; s++)
        for (size_t t = 0; t < work->texts.count; t++)
            minnow_front_run(&fronts[s], &work->room, work->texts.ids + first[t], first[t + 1] - first[t], work->wide,
                             work->x[s] + first[t] * MINNOW_PADDED(work->width));
}

uint32_t minnow_block_of_8_bits(const struct minnow_route *route) {
    uint32_t blocks = 0, last = 0;
    for (uint32_t i = 0; i < route->layer_count; i++) {
        if (route->layers[i].kind != MINNOW_LAYER_ENCODER_BLOCK) continue;
        blocks++;
        last = i;
    }
    return blocks >= FEW_BLOCKS ? last : 0;
}

enum minnow_status minnow_quantize_sequence(const struct minnow_sequence *sequence, struct minnow_layer *layers) {
    const struct minnow_route *route = sequence->route;
    const struct minnow_progress *progress = sequence->progress;
    uint32_t last = minnow_block_of_8_bits(route), first = minnow_front_count(route);
    struct minnow_front fronts[STREAMS];
    if (first == route->layer_count) return MINNOW_OK;
    struct work work = {.sequence = sequence, .width = route->layers[first].encoder_block.hidden};
    if (!take_room(&work)) return minnow_fail(sequence->error, MINNOW_OUT_OF_MEMORY, "calibration");
    enum minnow_status status =
        minnow_front_create(route->layers, first, sequence->memory, &fronts[EXACT], sequence->error);
    if (status == MINNOW_OK)
        status = minnow_front_create(layers, first, sequence->memory, &fronts[ROUNDED], sequence->error);
    if (status != MINNOW_OK) return status;
    begin(&work, fronts);
    for (uint32_t i = first; i < route->layer_count; i++) {
        if (route->layers[i].kind != MINNOW_LAYER_ENCODER_BLOCK) continue;
        status = round_block(&work, &route->layers[i].encoder_block, i == last ? MINNOW_WEIGHT_S8 : MINNOW_WEIGHT_S4,
                             &layers[i].encoder_block);
        if (status != MINNOW_OK) return minnow_fail_within(sequence->error, status, "layers.%u", i);
        if (progress->report) progress->report(progress->context, "rounding", i + 1, route->layer_count);
    }
    return MINNOW_OK;
}
