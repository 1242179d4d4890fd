#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/json_out.h"
#include "platforms/cli/output.h"

#include "convert/pairs.h"
#include "runtime/error.h"

#include <stdio.h>
#include <stdlib.h>

struct scoring {
    struct minnow_engine engine;
    bool json;
    float *scores;
    struct minnow_text_result *results;
    size_t capacity;
    uint64_t documents, truncated;
    struct minnow_error *error;
};

static enum minnow_status make_room(struct scoring *work, size_t count) {
    if (count <= work->capacity) return MINNOW_OK;
    free(work->scores);
    free(work->results);
    work->scores = calloc(count, sizeof *work->scores);
    work->results = calloc(count, sizeof *work->results);
    work->capacity = work->scores && work->results ? count : 0;
    return work->capacity ? MINNOW_OK : minnow_fail(work->error, MINNOW_OUT_OF_MEMORY, "%zu scores", count);
}

static void print_scores(const struct scoring *work, const struct minnow_pairs_line *line) {
    if (!line->json && !work->json) {
        printf("%.9g\n", (double)work->scores[0]);
        return;
    }
    struct minnow_json_out json = {.file = stdout};
    minnow_put_open(&json, NULL, '{');
    minnow_put_open(&json, "scores", '[');
    for (size_t i = 0; i < line->count; i++) minnow_put_float(&json, NULL, work->scores[i]);
    minnow_put_close(&json, ']');
    minnow_put_close(&json, '}');
    putchar('\n');
}

static enum minnow_status score_line(struct scoring *work, const struct minnow_pairs_line *line) {
    struct minnow_text_result query;
    enum minnow_status status = make_room(work, line->count);
    if (status == MINNOW_OK)
        status = minnow_score(work->engine.session, line->query, line->documents, line->count, work->scores, &query,
                              work->results, work->error);
    if (status != MINNOW_OK) return status;
    for (size_t i = 0; i < line->count; i++) work->truncated += work->results[i].truncated;
    work->documents += line->count;
    print_scores(work, line);
    return MINNOW_OK;
}

static enum minnow_status score_all(struct scoring *work, struct minnow_pairs *pairs) {
    bool end = false;
    while (!ferror(stdout)) {
        struct minnow_pairs_line line;
        enum minnow_status status = minnow_pairs_next(pairs, &line, &end, work->error);
        if (status == MINNOW_OK && !end) status = score_line(work, &line);
        if (end || status != MINNOW_OK) return status;
    }
    return MINNOW_OK;
}

static int run(const char *model, const char *input, uint32_t threads, struct scoring *work) {
    struct minnow_pairs *pairs = NULL;
    if (minnow_engine_open(&work->engine, model, NULL, threads, work->error)) return minnow_report_error(work->error);
    enum minnow_status status = minnow_pairs_open(input, &pairs, work->error);
    if (status == MINNOW_OK) status = score_all(work, pairs);
    minnow_pairs_close(pairs);
    minnow_report_truncated(work->truncated, work->documents, work->engine.info.max_tokens[MINNOW_DOCUMENT]);
    minnow_engine_close(&work->engine);
    free(work->scores);
    free(work->results);
    return minnow_output_end(status ? minnow_report_error(work->error) : MINNOW_EXIT_OK);
}

int minnow_command_score(int argc, char **argv) {
    const char *model = NULL, *input = "-";
    uint32_t threads = 1;
    bool json = false;
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &model, "MODEL", "the model file; the built-in one"},
        {"threads", 0, MINNOW_OPTION_NUMBER, &threads, "N", "at most the physical cores; 1"},
        {"json", 0, MINNOW_OPTION_FLAG, &json, NULL, "JSON out for lines with a TAB too"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "score",
        .operands = "[FILE|-]",
        .summary = "queries and documents to scores, with any model",
        .notes = "The input is JSONL, {\"query\": \"..\", \"documents\": [\"..\", \"..\"]} a line, for which\n"
                 "{\"scores\": [.., ..]} comes out; or query TAB document a line, for which a number comes out.",
        .options = options,
        .operand_values = &input,
        .operand_most = 1,
    };
    int exit_code;
    struct minnow_error error = {0};
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    struct scoring work = {.json = json, .error = &error};
    return run(model, input, threads, &work);
}
