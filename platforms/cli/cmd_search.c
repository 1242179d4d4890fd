#include "platforms/cli/arguments.h"
#include "platforms/cli/commands.h"
#include "platforms/cli/engine.h"
#include "platforms/cli/hits_out.h"
#include "platforms/cli/output.h"

#include "runtime/error.h"

#include <stdlib.h>
#include <string.h>

struct search {
    const char *path, *model, *isa;
    uint32_t k, threads;
    bool hybrid, approximate, as_json;
    struct minnow_hit *hits;
    struct minnow_found found;
};

static enum minnow_status find(struct search *search, struct minnow_session *session, struct minnow_error *error) {
    struct minnow_found *found = &search->found;
    enum minnow_status status = minnow_index_count(found->index, &found->documents, error);
    if (status) return status;
    size_t k = found->documents < search->k ? (size_t)found->documents : search->k;
    found->hits = search->hits = calloc(k + 1, sizeof *search->hits);
    if (!search->hits) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu hits", k);
    if (!k) return MINNOW_OK;
    double started = minnow_clock_ms();
    unsigned flags = (search->hybrid ? MINNOW_HYBRID : 0) | (search->approximate ? MINNOW_APPROXIMATE : 0);
    status = minnow_index_search(found->index, session, found->query, k, flags, search->hits, &found->count, error);
    found->took_ms = minnow_clock_ms() - started;
    return status;
}

static int run(struct search *search) {
    struct minnow_engine engine;
    struct minnow_error error = {0};
    if (minnow_engine_open_model(&engine, search->model, search->isa, &error)) return minnow_report_error(&error);
    struct minnow_index_options options = {.size = sizeof options, .read_only = true};
    enum minnow_status status = minnow_index_open(search->path, engine.model, &options, &search->found.index, &error);
    if (!status) status = minnow_engine_start_for(&engine, search->threads, search->found.index, &error);
    if (!status) status = find(search, engine.session, &error);
    if (!status) status = minnow_found_print(&search->found, search->as_json, &error);
    free(search->hits);
    minnow_index_close(search->found.index);
    minnow_engine_close(&engine);
    return minnow_output_end(status ? minnow_report_error(&error) : MINNOW_EXIT_OK);
}

int minnow_command_search(int argc, char **argv) {
    struct search search = {.k = 10};
    const char *operands[2] = {NULL, NULL};
    const struct minnow_option options[] = {
        {"model", 'm', MINNOW_OPTION_TEXT, &search.model, "MODEL", "of the index's space; the built-in one"},
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
        .notes = "The query is one argument. Put -- before one that begins with '-'. Models that score a document's part\n"
                 "together with the query (PreTTR, TK) score the 100 documents, or K, that its words find best.",
        .options = options,
        .operand_values = operands,
        .operand_least = 2,
        .operand_most = 2,
    };
    int exit_code;
    if (!minnow_arguments_parse(&arguments, argc, argv, &exit_code)) return exit_code;
    search.path = operands[0];
    search.found.query = (struct minnow_text){operands[1], strlen(operands[1])};
    return run(&search);
}
