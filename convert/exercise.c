#include "convert/exercise.h"

#include <stdlib.h>
#include <string.h>

enum { TEXTS_AT_ONCE = 16, PAIRS = 1 /* a text: a pair of a large cross-encoder takes as long as several texts */ };

struct run {
    struct minnow_session *session;
    const struct minnow_contents *contents;
    const struct minnow_text *texts;
    size_t count;
    const char *stage;
    const struct minnow_progress *progress;
    struct minnow_exercise *exercise;
    struct minnow_error *error;
};

static void report(const struct run *run, size_t done) {
    if (run->progress->report) run->progress->report(run->progress->context, run->stage, done, run->count);
}

static float *next_numbers(const struct run *run) {
    return run->exercise->numbers + run->exercise->count * run->exercise->width;
}

/* ---- One vector a text ---- */

static enum minnow_status encode(const struct run *run, enum minnow_role role) {
    for (size_t first = 0; first < run->count; first += TEXTS_AT_ONCE) {
        size_t some = run->count - first < TEXTS_AT_ONCE ? run->count - first : TEXTS_AT_ONCE;
        enum minnow_status status =
            minnow_encode(run->session, role, run->texts + first, some, next_numbers(run), NULL, run->error);
        if (status != MINNOW_OK) return status;
        run->exercise->count += some;
        report(run, first + some);
    }
    return MINNOW_OK;
}

/* ---- One vector a token ---- */

static enum minnow_status encode_tokens(const struct run *run, enum minnow_role role) {
    for (size_t i = 0; i < run->count; i++) {
        uint32_t rows = 0;
        enum minnow_status status =
            minnow_encode_tokens(run->session, role, run->texts + i, 1, next_numbers(run), &rows, NULL, run->error);
        if (status != MINNOW_OK) return status;
        run->exercise->count += rows;
        report(run, i + 1);
    }
    return MINNOW_OK;
}

/* ---- Pairs ---- */

static enum minnow_status score(const struct run *run) {
    struct minnow_text documents[PAIRS];
    for (size_t i = 0; i < run->count; i++) {
        for (size_t p = 0; p < PAIRS; p++) documents[p] = run->texts[(i + p + 1) % run->count];
        enum minnow_status status = minnow_score(run->session, run->texts[i], documents, PAIRS, next_numbers(run), NULL,
                                                 NULL, run->error);
        if (status != MINNOW_OK) return status;
        run->exercise->count += PAIRS;
        report(run, i + 1);
    }
    return MINNOW_OK;
}

/* ---- The whole ---- */

static bool same_treatment(const struct minnow_contents *contents) {
    const struct minnow_input *query = &contents->inputs[MINNOW_QUERY], *document = &contents->inputs[MINNOW_DOCUMENT];
    return contents->route_of_role[MINNOW_QUERY] == contents->route_of_role[MINNOW_DOCUMENT] &&
           query->leading_count == document->leading_count && query->mask_count == document->mask_count &&
           query->fill_to == document->fill_to && query->first_position == document->first_position &&
           memcmp(query->leading, document->leading, query->leading_count * sizeof *query->leading) == 0;
}

static size_t numbers_of_text(const struct minnow_contents *contents) {
    const struct minnow_input *inputs = contents->inputs;
    size_t width = contents->similarity == MINNOW_JOINT ? 1 : minnow_route_of(contents, MINNOW_DOCUMENT)->dimensions;
    if (contents->similarity == MINNOW_JOINT) return PAIRS;
    if (contents->similarity == MINNOW_MAXSIM)
        return width * ((size_t)inputs[MINNOW_QUERY].max_tokens + inputs[MINNOW_DOCUMENT].max_tokens);
    return 2 * width;
}

static enum minnow_status run_role(const struct run *run, enum minnow_role role) {
    return run->contents->similarity == MINNOW_MAXSIM ? encode_tokens(run, role) : encode(run, role);
}

enum minnow_status minnow_exercise_run(struct minnow_session *session, const struct minnow_contents *contents,
                                       const struct minnow_text *texts, size_t count, const char *stage,
                                       const struct minnow_progress *progress, struct minnow_exercise *exercise,
                                       struct minnow_error *error) {
    struct run run = {session, contents, texts, count, stage, progress, exercise, error};
    bool joint = contents->similarity == MINNOW_JOINT;
    *exercise = (struct minnow_exercise){
        .numbers = calloc(count + 1, numbers_of_text(contents) * sizeof *exercise->numbers),
        .width = joint ? 1 : minnow_route_of(contents, MINNOW_DOCUMENT)->dimensions};
    if (!exercise->numbers) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "vectors of %zu texts", count);
    if (joint) return score(&run);
    enum minnow_status status = run_role(&run, MINNOW_DOCUMENT);
    return status == MINNOW_OK && !same_treatment(contents) ? run_role(&run, MINNOW_QUERY) : status;
}
