#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/json_out.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"

#include "convert/distill/queries/generate.h"

#include <inttypes.h>

enum { PER_DOCUMENT = 4, KEEP_RANK = 10, SEED = 1 };

struct generating {
    const char *model, *isa;
    uint32_t threads, seed;
    bool as_json;
    struct minnow_generate_options options;
    struct minnow_generate_result result;
    struct minnow_engine engine;
    struct minnow_error error;
};

static uint64_t sum(const uint64_t counts[MINNOW_QUERY_KINDS]) {
    uint64_t total = 0;
    for (int kind = 0; kind < MINNOW_QUERY_KINDS; kind++) total += counts[kind];
    return total;
}

static void print_json(const struct minnow_generate_result *result) {
    struct minnow_json_out json = {stdout, false};
    minnow_put_open(&json, NULL, '{');
    minnow_put_whole(&json, "documents", result->documents);
    minnow_put_whole(&json, "drawn", sum(result->drawn));
    minnow_put_whole(&json, "kept", sum(result->kept));
    minnow_put_open(&json, "kinds", '{');
    for (int kind = 0; kind < MINNOW_QUERY_KINDS; kind++) {
        minnow_put_open(&json, minnow_query_kind_names[kind], '{');
        minnow_put_whole(&json, "drawn", result->drawn[kind]);
        minnow_put_whole(&json, "kept", result->kept[kind]);
        minnow_put_close(&json, '}');
    }
    minnow_put_close(&json, '}');
    minnow_put_close(&json, '}');
    putchar('\n');
}

static void print_table(const struct minnow_generate_result *result) {
    printf("%-10s %10s %10s\n", "kind", "drawn", "kept");
    for (int kind = 0; kind < MINNOW_QUERY_KINDS; kind++)
        printf("%-10s %10" PRIu64 " %10" PRIu64 "\n", minnow_query_kind_names[kind], result->drawn[kind],
               result->kept[kind]);
    printf("%-10s %10" PRIu64 " %10" PRIu64 "   of %" PRIu64 " documents\n", "all", sum(result->drawn),
           sum(result->kept), result->documents);
}

static int run(struct generating *work) {
    struct minnow_bar bar;
    if (minnow_engine_open(&work->engine, work->model, work->isa, work->threads, &work->error))
        return minnow_report_error(&work->error);
    work->options.progress = minnow_bar_begin(&bar);
    enum minnow_status status =
        minnow_generate_queries(&work->options, work->engine.session, &work->result, &work->error);
    minnow_bar_end(&bar);
    minnow_engine_close(&work->engine);
    if (status) return minnow_report_error(&work->error);
    if (work->as_json)
        print_json(&work->result);
    else
        print_table(&work->result);
    return minnow_output_end(MINNOW_EXIT_OK);
}

int minnow_command_generate_queries(int argc, char **argv) {
    struct generating work = {.seed = SEED, .options = {.per_document = PER_DOCUMENT, .keep_rank = KEEP_RANK}};
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &work.model, "TEACHER", "must find the documents again; the built-in one"},
        {"output", 'o', MINNOW_OPTION_TEXT, &work.options.output_path, "OUT", "the queries, JSONL"},
        {"per-document", 0, MINNOW_OPTION_NUMBER, &work.options.per_document, "N", "queries drawn of each; 4"},
        {"keep-rank", 0, MINNOW_OPTION_NUMBER, &work.options.keep_rank, "R",
         "keep what finds its document among the first R; 10"},
        {"queries", 0, MINNOW_OPTION_TEXT, &work.options.queries_path, "REAL", "real queries, to be masked"},
        {"seed", 0, MINNOW_OPTION_NUMBER, &work.seed, "N", "of the random numbers; 1"},
        {"isa", 0, MINNOW_OPTION_TEXT, &work.isa, "NAME", "highest kernel tier to use; the best this CPU has"},
        {"threads", 0, MINNOW_OPTION_NUMBER, &work.threads, "N", "at most the physical cores; 1"},
        {"json", 0, MINNOW_OPTION_FLAG, &work.as_json, NULL, "one JSON object"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "generate-queries",
        .operands = "CORPUS",
        .summary = "make texts like queries out of documents, for distillation",
        .notes = "CORPUS and REAL are JSONL with \"text\" (and \"title\", \"_id\"), or a text a line. Queries are\n"
                 "titles, sentences, phrases of 3 to 12 words, words that tell a document from others, and real\n"
                 "queries of which some words are taken from the nearest document. OUT is JSONL with \"_id\",\n"
                 "\"text\", \"document\" (an _id of CORPUS) and \"kind\". The same seed gives the same queries.",
        .options = options,
        .operand_values = &work.options.corpus_path,
        .operand_least = 1,
        .operand_most = 1,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    if (!work.options.output_path) return minnow_arguments_misused("generate-queries", "expected -o OUT");
    work.options.seed = work.seed;
    return run(&work);
}
