#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/json_out.h"
#include "platforms/cli/output.h"

#include "runtime/error.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ID_COLUMNS = 32 };

struct search {
    const char *path, *model, *isa;
    uint32_t k, threads;
    bool hybrid, approximate, as_json;
    struct minnow_text query;
    struct minnow_index *index;
    struct minnow_hit *hits;
    uint64_t documents;
    size_t found;
    double took_ms;
};

static enum minnow_status find(struct search *search, struct minnow_session *session, struct minnow_error *error) {
    enum minnow_status status = minnow_index_count(search->index, &search->documents, error);
    if (status) return status;
    size_t k = search->documents < search->k ? (size_t)search->documents : search->k;
    search->hits = calloc(k + 1, sizeof *search->hits);
    if (!search->hits) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu hits", k);
    if (!k) return MINNOW_OK;
    double started = minnow_clock_ms();
    unsigned flags = (search->hybrid ? MINNOW_HYBRID : 0) | (search->approximate ? MINNOW_APPROXIMATE : 0);
    status = minnow_index_search(search->index, session, search->query, k, flags, search->hits, &search->found, error);
    search->took_ms = minnow_clock_ms() - started;
    return status;
}

static void print_hit_json(struct minnow_json_out *json, size_t rank, float score,
                           const struct minnow_document *document) {
    minnow_put_open(json, NULL, '{');
    minnow_put_whole(json, "rank", rank);
    minnow_put_text(json, "id", document->id);
    minnow_put_float(json, "score", score);
    minnow_put_text(json, "title", document->title);
    minnow_put_text(json, "text", document->text);
    minnow_put_close(json, '}');
}

static void print_hit(size_t rank, float score, const struct minnow_document *document, size_t columns) {
    size_t used = (size_t)printf("%3zu  %7.4f  ", rank, (double)score);
    used += minnow_print_line(document->id, ID_COLUMNS) + 2;
    fputs("  ", stdout);
    if (document->title.size) {
        used += minnow_print_line(document->title, columns > used ? columns - used : 0) + 3;
        fputs(" | ", stdout);
    }
    if (columns > used + 8) minnow_print_line(document->text, columns - used);
    putchar('\n');
}

static enum minnow_status print_hits(const struct search *search, struct minnow_json_out *json,
                                     struct minnow_error *error) {
    size_t columns = minnow_terminal_columns();
    for (size_t i = 0; i < search->found; i++) {
        struct minnow_document document;
        enum minnow_status status = minnow_index_document(search->index, search->hits[i].document, &document, error);
        if (status) return status;
        if (json)
            print_hit_json(json, i + 1, search->hits[i].score, &document);
        else
            print_hit(i + 1, search->hits[i].score, &document, columns);
    }
    return MINNOW_OK;
}

static enum minnow_status print_table(const struct search *search, struct minnow_error *error) {
    enum minnow_status status = print_hits(search, NULL, error);
    if (!status) printf("%zu of %" PRIu64 " documents, %.1f ms\n", search->found, search->documents, search->took_ms);
    return status;
}

static enum minnow_status print_json(const struct search *search, struct minnow_error *error) {
    struct minnow_json_out json = {stdout, false};
    minnow_put_open(&json, NULL, '{');
    minnow_put_text(&json, "query", search->query);
    minnow_put_number(&json, "took_ms", search->took_ms);
    minnow_put_whole(&json, "documents", search->documents);
    minnow_put_open(&json, "hits", '[');
    enum minnow_status status = print_hits(search, &json, error);
    minnow_put_close(&json, ']');
    minnow_put_close(&json, '}');
    putchar('\n');
    return status;
}

static int run(struct search *search) {
    struct minnow_engine engine;
    struct minnow_error error = {0};
    if (minnow_engine_open(&engine, search->model, search->isa, search->threads, &error))
        return minnow_report_error(&error);
    struct minnow_index_options options = {.size = sizeof options, .read_only = true};
    enum minnow_status status = minnow_index_open(search->path, engine.model, &options, &search->index, &error);
    if (!status) status = find(search, engine.session, &error);
    if (!status) status = search->as_json ? print_json(search, &error) : print_table(search, &error);
    free(search->hits);
    minnow_index_close(search->index);
    minnow_engine_close(&engine);
    return minnow_output_end(status ? minnow_report_error(&error) : MINNOW_EXIT_OK);
}

int minnow_command_search(int argc, char **argv) {
    struct search search = {.k = 10};
    const char *operands[2] = {NULL, NULL};
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &search.model, "MODEL", "encodes the query; of the index's space"},
        {"top", 'k', MINNOW_OPTION_NUMBER, &search.k, "K", "how many documents; 10"},
        {"hybrid", 0, MINNOW_OPTION_FLAG, &search.hybrid, NULL, "fuse the ranks of vectors and of words (BM25)"},
        {"approximate", 0, MINNOW_OPTION_FLAG, &search.approximate, NULL, "faster in large indexes, may miss a document"},
        {"isa", 0, MINNOW_OPTION_TEXT, &search.isa, "NAME", "highest kernel tier to use; the best this CPU has"},
        {"threads", 0, MINNOW_OPTION_NUMBER, &search.threads, "N", "at most the physical cores; 1"},
        {"json", 0, MINNOW_OPTION_FLAG, &search.as_json, NULL, "one JSON object with whole titles and texts"},
        {0},
    };
    const struct minnow_arguments arguments = {
        .command = "search",
        .operands = "INDEX.db QUERY",
        .summary = "find the documents of an index that answer a query",
        .notes = "The query is one argument. Put -- before one that begins with '-'.",
        .options = options,
        .operand_values = operands,
        .operand_least = 2,
        .operand_most = 2,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    if (!minnow_has_model("search", search.model)) return MINNOW_EXIT_USAGE;
    search.path = operands[0];
    search.query = (struct minnow_text){operands[1], strlen(operands[1])};
    return run(&search);
}
