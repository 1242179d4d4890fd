#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/json_out.h"
#include "platforms/cli/output.h"
#include "platforms/cli/progress.h"

#include "convert/documents.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

/* One transaction each. */
enum { BATCH_DOCUMENTS = 256, BATCH_BYTES = 4 << 20 };

static volatile sig_atomic_t interrupted;

static void interrupt(int number) { interrupted = number; }

/* The batch under way is finished first; a second signal ends the program at once. */
static void watch_for_interrupts(void) {
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

struct indexing {
    const char *path, *input, *model, *isa, *removed_id;
    uint32_t threads, dimensions;
    bool as_json;
    struct minnow_engine engine;
    struct minnow_index *index;
    struct minnow_documents batch;
    uint64_t added, removed, truncated, total;
    double started;
    struct minnow_bar bar;
    struct minnow_error error;
};

static enum minnow_status add_batch(struct indexing *work) {
    struct minnow_text_result results[BATCH_DOCUMENTS];
    size_t count = work->batch.count;
    enum minnow_status status =
        minnow_index_add(work->index, work->engine.session, work->batch.items, count, results, &work->error);
    if (status) return status;
    work->added += count;
    for (size_t i = 0; i < count; i++) work->truncated += results[i].truncated;
    return MINNOW_OK;
}

static enum minnow_status add_batches(struct indexing *work, struct minnow_texts *texts) {
    for (bool end = false; !end && !interrupted;) {
        uint64_t done, total;
        minnow_documents_clear(&work->batch);
        enum minnow_status status =
            minnow_documents_read(&work->batch, texts, BATCH_DOCUMENTS, BATCH_BYTES, &end, &work->error);
        if (!status && work->batch.count) status = add_batch(work);
        if (status) return status;
        minnow_texts_position(texts, &done, &total);
        minnow_bar_show(&work->bar, "indexing", total ? done : work->added, total);
    }
    return MINNOW_OK;
}

static enum minnow_status add_all(struct indexing *work, struct minnow_texts *texts) {
    minnow_bar_begin(&work->bar);
    enum minnow_status status = add_batches(work, texts);
    minnow_bar_end(&work->bar);
    minnow_documents_free(&work->batch);
    return status;
}

static enum minnow_status remove_one(struct indexing *work) {
    struct minnow_text id = {work->removed_id, strlen(work->removed_id)};
    size_t removed = 0;
    enum minnow_status status = minnow_index_remove(work->index, &id, 1, &removed, &work->error);
    work->removed = removed;
    return status;
}

static void print_json(const struct indexing *work, double seconds) {
    struct minnow_json_out json = {stdout, false};
    minnow_put_open(&json, NULL, '{');
    minnow_put_whole(&json, "added", work->added);
    minnow_put_whole(&json, "removed", work->removed);
    minnow_put_whole(&json, "truncated", work->truncated);
    minnow_put_whole(&json, "total", work->total);
    minnow_put_number(&json, "seconds", seconds);
    minnow_put_close(&json, '}');
    putchar('\n');
}

static void print_line(const struct indexing *work, double seconds) {
    if (work->removed_id)
        printf("removed %" PRIu64 " document%s", work->removed, work->removed == 1 ? "" : "s");
    else
        printf("added %" PRIu64 " document%s", work->added, work->added == 1 ? "" : "s");
    printf(" in %.1f s, %" PRIu64 " in %s\n", seconds, work->total, work->path);
}

/* What was committed is there, whatever happened after. */
static int report(struct indexing *work, enum minnow_status status) {
    double seconds = (minnow_clock_ms() - work->started) / 1e3;
    minnow_report_truncated(work->truncated, work->added, work->engine.info.max_tokens[MINNOW_DOCUMENT]);
    if (status) {
        minnow_report_error(&work->error);
        fprintf(stderr, "minnow: %" PRIu64 " documents had been added before that and are in %s\n", work->added,
                work->path);
        return MINNOW_EXIT_FAILED;
    }
    if (minnow_index_count(work->index, &work->total, &work->error)) return minnow_report_error(&work->error);
    if (work->as_json)
        print_json(work, seconds);
    else
        print_line(work, seconds);
    if (interrupted) fprintf(stderr, "minnow: interrupted; the rest of %s was not added\n", work->input);
    if (work->removed_id && !work->removed)
        fprintf(stderr, "minnow: %s: no document \"%s\"\n", work->path, work->removed_id);
    return interrupted || (work->removed_id && !work->removed) ? MINNOW_EXIT_FAILED : MINNOW_EXIT_OK;
}

/* The input is opened first: a missing file makes no index. */
static enum minnow_status work_on_index(struct indexing *work, struct minnow_texts *texts) {
    struct minnow_index_options options = {.size = sizeof options, .dimensions = work->dimensions};
    enum minnow_status status = minnow_index_open(work->path, work->engine.model, &options, &work->index, &work->error);
    if (!status) status = minnow_engine_start_for(&work->engine, work->threads, work->index, &work->error);
    if (status) return status;
    return texts ? add_all(work, texts) : remove_one(work);
}

static int run(struct indexing *work) {
    struct minnow_texts *texts = NULL;
    work->started = minnow_clock_ms();
    watch_for_interrupts();
    if (minnow_engine_open_model(&work->engine, work->model, work->isa, &work->error))
        return minnow_report_error(&work->error);
    enum minnow_status status = work->removed_id ? MINNOW_OK : minnow_texts_open(work->input, &texts, &work->error);
    if (!status) status = work_on_index(work, texts);
    int exit_code = work->index ? report(work, status) : minnow_report_error(&work->error);
    minnow_texts_close(texts);
    minnow_index_close(work->index);
    minnow_engine_close(&work->engine);
    return minnow_output_end(exit_code);
}

int minnow_command_index(int argc, char **argv) {
    struct indexing work = {0};
    const char *operands[2] = {NULL, NULL};
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &work.model, "MODEL", "encodes the documents; the built-in one"},
        {"remove", 0, MINNOW_OPTION_TEXT, &work.removed_id, "ID", "take this document out instead of adding"},
        {"dimensions", 0, MINNOW_OPTION_NUMBER, &work.dimensions, "N",
         "vectors of a new index are cut to so many (Matryoshka); all"},
        {"isa", 0, MINNOW_OPTION_TEXT, &work.isa, "NAME", "highest kernel tier to use; the best this CPU has"},
        {"threads", 0, MINNOW_OPTION_NUMBER, &work.threads, "N", "at most the physical cores; 1"},
        {"json", 0, MINNOW_OPTION_FLAG, &work.as_json, NULL, "one JSON object"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "index",
        .operands = "INDEX.db [FILE|-]",
        .summary = "add documents to an index, which is made if it is not there",
        .notes = "The input is JSONL with \"text\" (and \"title\", \"_id\"), or a text a line whose id is its number;\n"
                 "standard input by default. A document whose id is there already replaces it. What was added\n"
                 "before an interruption stays. Models of a vector a token (ColBERT) and those that read a document's\n"
                 "part later (PreTTR, TK) make indexes too; a cross-encoder stores nothing: 'minnow rerank'.",
        .options = options,
        .operand_values = operands,
        .operand_least = 1,
        .operand_most = 2,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    if (work.removed_id && operands[1]) return minnow_arguments_misused("index", "--remove takes no FILE");
    work.path = operands[0];
    work.input = operands[1] ? operands[1] : "-";
    return run(&work);
}
