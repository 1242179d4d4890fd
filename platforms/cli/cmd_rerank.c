#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/hits_out.h"
#include "platforms/cli/output.h"

#include "convert/documents.h"
#include "runtime/error.h"
#include "runtime/index/top_k.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 256 }; /* scored in one call */

struct reranking {
    const char *model, *isa, *input;
    uint32_t k, candidates, threads;
    bool all, as_json;
    struct minnow_engine engine;
    struct minnow_documents documents;
    uint64_t truncated;
    struct minnow_hit *hits;
    struct minnow_found found;
    struct minnow_error *error;
};

static enum minnow_status make_room(struct reranking *work, size_t *k) {
    *k = work->found.documents < work->k ? (size_t)work->found.documents : work->k;
    work->found.hits = work->hits = calloc(*k + 1, sizeof *work->hits);
    return work->hits ? MINNOW_OK : minnow_fail(work->error, MINNOW_OUT_OF_MEMORY, "%zu hits", *k);
}

/* ---- The documents of an index ---- */

/* A SQLite file begins like this. */
static bool is_database(const char *path) {
    static const char header[] = "SQLite format 3";
    char found[sizeof header] = "";
    FILE *file = strcmp(path, "-") == 0 ? NULL : fopen(path, "rb");
    bool same = file && fread(found, 1, sizeof found, file) == sizeof found && memcmp(found, header, sizeof found) == 0;
    if (file) fclose(file);
    return same;
}

static enum minnow_status rerank_found(struct reranking *work) {
    struct minnow_found *found = &work->found;
    size_t k;
    enum minnow_status status = minnow_index_count(found->index, &found->documents, work->error);
    if (!status) status = make_room(work, &k);
    if (status) return status;
    double started = minnow_clock_ms();
    status = minnow_index_rerank(found->index, work->engine.session, found->query, work->all ? 0 : work->candidates, k,
                                 work->hits, &found->count, work->error);
    found->took_ms = minnow_clock_ms() - started;
    return status;
}

/* Whoever made it: a model of another space reads the texts. */
static enum minnow_status rerank_index(struct reranking *work) {
    struct minnow_index_options options = {.size = sizeof options, .read_only = true};
    if (!work->candidates) work->candidates = MINNOW_RERANK_CANDIDATES;
    enum minnow_status status = minnow_index_open(work->input, NULL, &options, &work->found.index, work->error);
    if (!status) status = minnow_engine_start_for(&work->engine, work->threads, work->found.index, work->error);
    return status ? status : rerank_found(work);
}

/* ---- The documents of a file ---- */

static enum minnow_status read_documents(struct reranking *work) {
    struct minnow_texts *texts;
    bool end;
    enum minnow_status status = minnow_texts_open(work->input, &texts, work->error);
    if (status) return status;
    status = minnow_documents_read(&work->documents, texts, SIZE_MAX, SIZE_MAX, &end, work->error);
    minnow_texts_close(texts);
    work->found.candidates = work->documents.items;
    work->found.documents = work->documents.count;
    return status;
}

static enum minnow_status score_batch(struct reranking *work, size_t first, size_t count, struct minnow_top_k *top) {
    struct minnow_text texts[BATCH];
    struct minnow_text_result results[BATCH];
    float scores[BATCH];
    for (size_t i = 0; i < count; i++) texts[i] = minnow_documents_text(&work->documents, first + i);
    enum minnow_status status = minnow_score(work->engine.session, work->found.query, texts, count, scores, NULL,
                                             results, work->error);
    for (size_t i = 0; i < count && !status; i++) {
        minnow_top_k_offer(top, (int64_t)(first + i), scores[i]);
        work->truncated += results[i].truncated;
    }
    return status;
}

static enum minnow_status score_documents(struct reranking *work) {
    size_t k, total = work->documents.count;
    enum minnow_status status = make_room(work, &k);
    if (status) return status;
    struct minnow_top_k top = {.hits = work->hits, .capacity = k};
    double started = minnow_clock_ms();
    for (size_t first = 0; first < total && !status; first += BATCH)
        status = score_batch(work, first, total - first < BATCH ? total - first : BATCH, &top);
    minnow_top_k_sort(&top);
    work->found.count = top.count;
    work->found.took_ms = minnow_clock_ms() - started;
    return status;
}

static enum minnow_status rerank_file(struct reranking *work) {
    enum minnow_status status = read_documents(work);
    if (!status) status = minnow_engine_start(&work->engine, work->threads, 0, work->error);
    return status ? status : score_documents(work);
}

/* ---- The command ---- */

static int run(struct reranking *work) {
    bool index = is_database(work->input);
    if (!index && (work->candidates || work->all))
        return minnow_arguments_misused("rerank", "--candidates and --all choose among the documents of an index; of "
                                                  "%s all are scored", work->input);
    if (minnow_engine_open_model(&work->engine, work->model, work->isa, work->error))
        return minnow_report_error(work->error);
    enum minnow_status status = index ? rerank_index(work) : rerank_file(work);
    if (!status) status = minnow_found_print(&work->found, work->as_json, work->error);
    minnow_report_truncated(work->truncated, work->documents.count, work->engine.info.max_tokens[MINNOW_DOCUMENT]);
    free(work->hits);
    minnow_documents_free(&work->documents);
    minnow_index_close(work->found.index);
    minnow_engine_close(&work->engine);
    return minnow_output_end(status ? minnow_report_error(work->error) : MINNOW_EXIT_OK);
}

int minnow_command_rerank(int argc, char **argv) {
    struct minnow_error error = {0};
    struct reranking work = {.k = 10, .error = &error};
    const char *operands[2] = {NULL, "-"};
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &work.model, "MODEL", "scores the candidates; the built-in one"},
        {"top", 'k', MINNOW_OPTION_NUMBER, &work.k, "K", "how many documents; 10"},
        {"candidates", 0, MINNOW_OPTION_NUMBER, &work.candidates, "N",
         "of an index: so many that the query's words find best (BM25); 100"},
        {"all", 0, MINNOW_OPTION_FLAG, &work.all, NULL, "of an index: every document"},
        {"isa", 0, MINNOW_OPTION_TEXT, &work.isa, "NAME", "highest kernel tier to use; the best this CPU has"},
        {"threads", 0, MINNOW_OPTION_NUMBER, &work.threads, "N", "at most the physical cores; 1"},
        {"json", 0, MINNOW_OPTION_FLAG, &work.as_json, NULL, "one JSON object with whole titles and texts"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "rerank",
        .operands = "QUERY [FILE|-|INDEX.db]",
        .summary = "order documents by a model's scores of them with a query",
        .notes = "The query is one argument; put -- before one that begins with '-'. The candidates are the documents of\n"
                 "FILE, JSONL with \"text\" (and \"title\", \"_id\") or a text a line (standard input by default); or\n"
                 "those of an index that the query's words find, whichever model made it. A model of the index's space\n"
                 "reads what is stored of them, any other one, a cross-encoder too, their texts.",
        .options = options,
        .operand_values = operands,
        .operand_least = 1,
        .operand_most = 2,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    if (work.candidates && work.all) return minnow_arguments_misused("rerank", "--candidates and --all: choose one");
    work.found.query = (struct minnow_text){operands[0], strlen(operands[0])};
    work.input = operands[1];
    return run(&work);
}
