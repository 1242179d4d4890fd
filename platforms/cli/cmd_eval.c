#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"
#include "platforms/cli/quality.h"

#include <inttypes.h>

struct evaluating {
    const char *model, *query_model, *isa;
    uint32_t threads;
    bool as_json;
    struct minnow_eval_options options;
    struct minnow_eval_result result;
    struct minnow_engine document_engine, query_engine;
    struct minnow_error error;
};

void minnow_quality_json(struct minnow_json_out *json, const struct minnow_eval_result *result) {
    minnow_put_whole(json, "documents", result->documents);
    minnow_put_whole(json, "queries", result->queries);
    if (result->candidates) minnow_put_whole(json, "candidates", result->candidates);
    minnow_put_number(json, "ndcg@10", result->ndcg_at_10);
    minnow_put_number(json, "mrr@10", result->mrr_at_10);
    minnow_put_number(json, "recall@100", result->recall_at_100);
}

static void print_json(const struct minnow_eval_result *result) {
    struct minnow_json_out json = {stdout, false};
    minnow_put_open(&json, NULL, '{');
    minnow_quality_json(&json, result);
    minnow_put_close(&json, '}');
    putchar('\n');
}

static void print_table(const struct minnow_eval_result *result) {
    printf("documents   %8" PRIu64 "\nqueries     %8" PRIu64 "\n", result->documents, result->queries);
    if (result->candidates) printf("candidates  %8" PRIu64 ", by BM25\n", result->candidates);
    printf("nDCG@10     %8.4f\nMRR@10      %8.4f\nRecall@100  %8.4f\n", result->ndcg_at_10, result->mrr_at_10,
           result->recall_at_100);
}

static enum minnow_status open_engines(struct evaluating *work) {
    enum minnow_status status =
        minnow_engine_open(&work->document_engine, work->model, work->isa, work->threads, &work->error);
    if (status || !work->query_model) return status;
    return minnow_engine_open(&work->query_engine, work->query_model, work->isa, work->threads, &work->error);
}

static enum minnow_status evaluate(struct evaluating *work) {
    struct minnow_bar bar;
    struct minnow_session *documents = work->document_engine.session, *queries = work->query_engine.session;
    work->options.progress = minnow_bar_begin(&bar);
    enum minnow_status status =
        minnow_eval(&work->options, queries ? queries : documents, documents, &work->result, &work->error);
    minnow_bar_end(&bar);
    return status;
}

static int run(struct evaluating *work) {
    enum minnow_status status = open_engines(work);
    if (!status) status = evaluate(work);
    minnow_engine_close(&work->query_engine);
    minnow_engine_close(&work->document_engine);
    if (status) return minnow_report_error(&work->error);
    if (work->as_json)
        print_json(&work->result);
    else
        print_table(&work->result);
    return minnow_output_end(MINNOW_EXIT_OK);
}

int minnow_command_eval(int argc, char **argv) {
    struct evaluating work = {0};
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &work.model, "MODEL", "the model file; the built-in one"},
        {"query-model", 0, MINNOW_OPTION_TEXT, &work.query_model, "MODEL", "encodes the queries; of the same space"},
        {"split", 0, MINNOW_OPTION_TEXT, &work.options.split, "NAME", "which qrels/NAME.tsv; test"},
        {"run", 0, MINNOW_OPTION_TEXT, &work.options.run_path, "OUT", "write the rankings in TREC's run format"},
        {"isa", 0, MINNOW_OPTION_TEXT, &work.isa, "NAME", "highest kernel tier to use; the best this CPU has"},
        {"threads", 0, MINNOW_OPTION_NUMBER, &work.threads, "N", "at most the physical cores; 1"},
        {"json", 0, MINNOW_OPTION_FLAG, &work.as_json, NULL, "one JSON object"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "eval",
        .operands = "BEIR_FOLDER",
        .summary = "measure retrieval quality on a test collection",
        .notes = "The folder holds corpus.jsonl, queries.jsonl and qrels/test.tsv. nDCG@10, MRR@10 and Recall@100 are\n"
                 "trec_eval's, over the queries that have a relevant document. A model of vectors searches all documents\n"
                 "exactly. One that scores pairs (a cross-encoder, PreTTR, TK) orders the 100 that the query's words find\n"
                 "best (BM25). What is not one vector a document is indexed in TMPDIR meanwhile.",
        .options = options,
        .operand_values = &work.options.folder,
        .operand_least = 1,
        .operand_most = 1,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    return run(&work);
}
