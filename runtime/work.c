#include "runtime/work.h"

#include <stdatomic.h>
#include <string.h>

/* The work, and what its lanes share. */
struct division {
    const struct minnow_work *work;
    atomic_size_t next; /* item that no lane has taken */
};

/* A lane on its way through the items. */
struct journey {
    struct division *division;
    struct minnow_lane *lane;
    size_t tokens, texts; /* in the lane's memory, of this pass */
    size_t carried_item;
    struct minnow_span carried; /* tokens behind them: an item that did not fit any more */
    bool carries;
};

static void add_item(struct journey *journey, size_t item, struct minnow_span span) {
    struct minnow_lane *lane = journey->lane;
    span.first = (uint32_t)journey->tokens;
    lane->spans[journey->texts] = span;
    lane->texts[journey->texts++] = item;
    journey->tokens += span.count;
}

/* The carried item's tokens come first in the next pass. */
static void begin_pass(struct journey *journey) {
    struct minnow_lane *lane = journey->lane;
    size_t from = journey->tokens, bytes = journey->carried.count * sizeof *lane->ids;
    journey->tokens = journey->texts = 0;
    if (!journey->carries) return;
    memmove(lane->ids, lane->ids + from, bytes);
    memmove(lane->positions, lane->positions + from, bytes);
    memmove(lane->types, lane->types + from, bytes);
    add_item(journey, journey->carried_item, journey->carried);
    journey->carries = false;
}

/* Gather whole items until the next does not fit; that one's tokens stay behind, for the next pass. */
static void fill_pass(struct journey *journey) {
    const struct minnow_work *work = journey->division->work;
    size_t room = work->session->batch_tokens, item;
    begin_pass(journey);
    while (journey->texts < room && (item = atomic_fetch_add(&journey->division->next, 1)) < work->count) {
        struct minnow_span span = work->take(work->context, item, journey->lane, journey->tokens);
        if (journey->tokens + span.count > room) {
            journey->carried_item = item;
            journey->carried = span;
            journey->carries = true;
            return;
        }
        add_item(journey, item, span);
    }
}

/* One lane's part of a pass; the last lane that has something to do stores what came of it. */
static void run_pass(const struct minnow_work *work, struct minnow_pass pass, size_t tokens, size_t texts) {
    pass.token_count = tokens;
    pass.text_count = texts;
    minnow_pass_begin(&pass);
    if (work->load) work->load(work->context, &pass);
    for (uint32_t i = 0; i < work->route->layer_count && !pass.finished; i++) {
        const struct minnow_layer *layer = &work->route->layers[i];
        minnow_layer_operations(layer->kind)->run(layer, &pass);
    }
    if (!pass.finished) minnow_pass_go_alone(&pass);
    if (!pass.finished) work->store(work->context, &pass);
}

/* Whole items to each lane: nobody waits for anybody. */
static void work_alone(void *context, size_t lane) {
    struct division *division = context;
    const struct minnow_work *work = division->work;
    struct journey journey = {.division = division, .lane = &work->session->lanes[lane]};
    struct minnow_pass pass = minnow_session_pass(work->session, lane, false);
    for (fill_pass(&journey); journey.texts > 0; fill_pass(&journey))
        run_pass(work, pass, journey.tokens, journey.texts);
}

/* Fewer items than lanes: all lanes on all of them. */
static void work_together(void *context, size_t lane) {
    struct journey *journey = context;
    const struct minnow_work *work = journey->division->work;
    run_pass(work, minnow_session_pass(work->session, lane, true), journey->tokens, journey->texts);
}

void minnow_work_run(const struct minnow_work *work) {
    struct minnow_session *session = work->session;
    struct division division = {.work = work};
    atomic_init(&division.next, 0);
    if (session->lane_count == 1 || session->observer.observe) {
        work_alone(&division, 0);
        return;
    }
    if (work->count >= session->lane_count) {
        minnow_threads_run(session->threads, work_alone, &division);
        return;
    }
    struct journey journey = {.division = &division, .lane = &session->lanes[0]};
    for (fill_pass(&journey); journey.texts > 0; fill_pass(&journey))
        minnow_threads_run(session->threads, work_together, &journey);
}
