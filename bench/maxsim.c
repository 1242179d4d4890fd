/* MaxSim search of an index: exact and approximate, in turns, and how many of the exact search's best ten the
 * approximate one finds.
 *
 * maxsim INDEX.db MODEL QUERIES [THREADS]   QUERIES: JSONL with "text", or a text a line */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "convert/documents.h"
#include "runtime/index/session_space.h"

enum { BEST = 10, ROUNDS = 2 };

struct bench {
    struct minnow_model *model;
    struct minnow_session *session;
    struct minnow_index *index;
    struct minnow_documents queries;
    double *times[2]; /* of exact and approximate searches */
    size_t count, found, wanted;
};

static struct minnow_error error;

static void must(enum minnow_status status) {
    if (status == MINNOW_OK) return;
    fprintf(stderr, "maxsim: %s\n", error.message);
    exit(1);
}

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static void open_all(struct bench *bench, const char *index, const char *model, const char *queries, uint32_t threads) {
    struct minnow_texts *texts;
    bool end;
    struct minnow_index_options options = {.size = sizeof options, .read_only = true};
    struct minnow_session_options session = {.size = sizeof session, .threads = threads};
    must(minnow_model_open_path(model, NULL, &bench->model, &error));
    must(minnow_session_create(bench->model, &session, &bench->session, &error));
    must(minnow_index_open(index, bench->model, &options, &bench->index, &error));
    must(minnow_texts_open(queries, &texts, &error));
    must(minnow_documents_read(&bench->queries, texts, SIZE_MAX, SIZE_MAX, &end, &error));
    minnow_texts_close(texts);
    for (int i = 0; i < 2; i++) bench->times[i] = calloc(ROUNDS * bench->queries.count + 1, sizeof(double));
}

/* Without the encoder: the index has taken the query. */
static size_t search(struct bench *bench, const struct minnow_search *search, struct minnow_hit *hits) {
    size_t found;
    double started = now_ms();
    must(minnow_search_run(search, BEST, hits, &found, &error));
    bench->times[search->flags != 0][bench->count] = now_ms() - started;
    return found;
}

static void compare(struct bench *bench, size_t query) {
    struct minnow_hit exact[BEST], hits[BEST];
    struct minnow_search one = {.index = bench->index, .query = minnow_documents_text(&bench->queries, query)};
    must(minnow_search_begin(&one, bench->session, &error));
    size_t wanted = search(bench, &one, exact);
    one.flags = MINNOW_APPROXIMATE;
    size_t found = search(bench, &one, hits);
    bench->count++;
    bench->wanted += wanted;
    for (size_t i = 0; i < wanted; i++)
        for (size_t j = 0; j < found; j++) bench->found += exact[i].document == hits[j].document;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const struct bench *bench, const char *name, double *times) {
    size_t rows = 0;
    for (size_t i = 0; i < bench->index->tokens.count; i++) rows += bench->index->tokens.documents[i].rows;
    qsort(times, bench->count, sizeof *times, by_size);
    printf("%-12s %-10s %zu documents, %zu vectors of %u: median %.3f ms, p90 %.3f, least %.3f\n", name,
           bench->index->kernels.isa, bench->index->tokens.count, rows, bench->index->space.dimensions,
           times[bench->count / 2], times[bench->count * 9 / 10], times[0]);
}

int main(int argc, char **argv) {
    struct bench bench = {0};
    if (argc < 4) return fprintf(stderr, "usage: maxsim INDEX.db MODEL QUERIES [THREADS]\n"), 2;
    open_all(&bench, argv[1], argv[2], argv[3], argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 1);
    if (!bench.queries.count || bench.index->space.similarity != MINNOW_MAXSIM)
        return fprintf(stderr, "maxsim: no queries, or an index of another kind\n"), 1;
    compare(&bench, 0); /* loads the index */
    bench.count = bench.found = bench.wanted = 0;
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < bench.queries.count; i++) compare(&bench, i);
    print_times(&bench, "exact", bench.times[0]);
    print_times(&bench, "approximate", bench.times[1]);
    printf("recall@%d of the approximate search: %.4f\n", BEST, (double)bench.found / (double)bench.wanted);
    return 0;
}
