#include "convert/distill/trainer/layer_vectors.h"

#include "convert/distill/layers/lanes.h"

uint32_t minnow_layer_vectors_blocks(const struct minnow_route *route, uint32_t *layers) {
    uint32_t count = 0;
    for (uint32_t i = 0; i + 1 < route->layer_count; i++) {
        if (route->layers[i].kind != MINNOW_LAYER_ENCODER_BLOCK) continue;
        if (layers) layers[count] = i;
        count++;
    }
    return count;
}

uint32_t minnow_layer_vectors_last_block(const struct minnow_route *route) {
    uint32_t place = route->layer_count;
    while (place > 1 && route->layers[place - 1].kind != MINNOW_LAYER_ENCODER_BLOCK) place--;
    return place - 1;
}

static bool compares_tokens(const struct minnow_team *team) {
    return team->network->contents.similarity == MINNOW_MAXSIM;
}

/* ---- All tokens ---- */

/* What came out of a layer came into the next. */
static struct minnow_trace trace_after(const struct minnow_trace *trace, uint32_t layer) {
    struct minnow_trace after = *trace;
    after.rows = trace->steps[layer + 1].rows;
    after.row_count = trace->steps[layer + 1].row_count;
    after.width = trace->steps[layer + 1].width;
    return after;
}

static bool gather_tokens(const struct minnow_team *team, enum minnow_role role, uint32_t layer,
                          struct minnow_tape *tape, struct minnow_vectors *vectors) {
    struct minnow_trace *after = minnow_tape_push(tape, team->worker_count * sizeof *after);
    struct minnow_trace **traces = minnow_tape_push(tape, team->worker_count * sizeof *traces);
    if (!after || !traces) return false;
    for (size_t w = 0; w < team->worker_count; w++) {
        after[w] = trace_after(&team->workers[w].roles[role], layer);
        traces[w] = &after[w];
    }
    return minnow_vectors_gather(traces, team->worker_count, false, &team->network->contents.inputs[role], tape,
                                 vectors);
}

static void scatter_tokens(const struct minnow_vectors *vectors, size_t worker, float *rows) {
    size_t first = vectors->first[vectors->texts[worker]], end = vectors->first[vectors->texts[worker + 1]];
    for (size_t r = first; r < end; r++)
        minnow_row_add(1, vectors->gradient + r * vectors->width, vectors->width,
                       rows + vectors->sources[r] * vectors->width);
}

/* ---- One vector ---- */

static bool takes_first_row(const struct minnow_route *route) {
    for (uint32_t i = 0; i < route->layer_count; i++)
        if (route->layers[i].kind == MINNOW_LAYER_POOL) return route->layers[i].pool.pooling == MINNOW_POOL_CLS;
    return false;
}

static uint32_t rows_used(const struct minnow_span *span, bool first_row) {
    return first_row && span->count ? 1 : span->count;
}

static bool take_room(const struct minnow_team *team, enum minnow_role role, uint32_t layer, struct minnow_tape *tape,
                      struct minnow_vectors *vectors) {
    size_t count = 0, width = team->workers[0].roles[role].steps[layer + 1].width;
    size_t *texts = minnow_tape_push(tape, (team->worker_count + 1) * sizeof *texts);
    for (size_t w = 0; texts && w <= team->worker_count; w++) {
        texts[w] = count;
        if (w < team->worker_count) count += team->workers[w].roles[role].batch.text_count;
    }
    size_t *first = minnow_tape_push(tape, (count + 1) * sizeof *first);
    for (size_t i = 0; first && i <= count; i++) first[i] = i;
    *vectors = (struct minnow_vectors){.trace_count = team->worker_count,
                                       .text_count = count,
                                       .width = width,
                                       .texts = texts,
                                       .first = first,
                                       .rows = minnow_tape_zeros(tape, count * width),
                                       .gradient = minnow_tape_zeros(tape, count * width)};
    return texts && first && vectors->rows && vectors->gradient;
}

static bool gather_pooled(const struct minnow_team *team, enum minnow_role role, uint32_t layer, bool first_row,
                          struct minnow_tape *tape, struct minnow_vectors *vectors) {
    if (!take_room(team, role, layer, tape, vectors)) return false;
    float *vector = minnow_writable(vectors->rows);
    for (size_t w = 0; w < team->worker_count; w++) {
        const struct minnow_trace *trace = &team->workers[w].roles[role];
        for (size_t i = 0; i < trace->batch.text_count; i++, vector += vectors->width) {
            const struct minnow_span *span = &trace->batch.spans[i];
            const float *rows = trace->steps[layer + 1].rows + span->first * vectors->width;
            uint32_t used = rows_used(span, first_row);
            for (uint32_t r = 0; r < used; r++)
                minnow_row_add(1 / (float)used, rows + r * vectors->width, vectors->width, vector);
        }
    }
    return true;
}

static void scatter_pooled(const struct minnow_vectors *vectors, size_t worker, const struct minnow_batch *batch,
                           bool first_row, float *rows) {
    for (size_t i = 0; i < batch->text_count; i++) {
        const float *gradient = vectors->gradient + (vectors->texts[worker] + i) * vectors->width;
        uint32_t used = rows_used(&batch->spans[i], first_row);
        for (uint32_t r = 0; r < used; r++)
            minnow_row_add(1 / (float)used, gradient, vectors->width,
                           rows + (batch->spans[i].first + r) * vectors->width);
    }
}

/* ---- Either ---- */

bool minnow_layer_vectors_gather(const struct minnow_team *team, enum minnow_role role, uint32_t layer,
                                 struct minnow_tape *tape, struct minnow_vectors *vectors) {
    if (compares_tokens(team)) return gather_tokens(team, role, layer, tape, vectors);
    return gather_pooled(team, role, layer, takes_first_row(minnow_route_of(&team->network->contents, role)), tape,
                         vectors);
}

bool minnow_layer_vectors_scatter(const struct minnow_team *team, enum minnow_role role, uint32_t layer,
                                  const struct minnow_vectors *vectors) {
    bool first_row = takes_first_row(minnow_route_of(&team->network->contents, role));
    for (size_t w = 0; w < team->worker_count; w++) {
        struct minnow_trace *trace = &team->workers[w].roles[role];
        float *rows = minnow_trace_gradient_after(trace, layer);
        if (!rows) return false;
        if (compares_tokens(team))
            scatter_tokens(vectors, w, rows);
        else
            scatter_pooled(vectors, w, &trace->batch, first_row, rows);
    }
    return true;
}
