/* Hybrid search: the ranks by vector and by words (BM25), fused. */
#include <stdlib.h>
#include <string.h>

#include "runtime/index/store.h"
#include "runtime/index/top_k.h"
#include "runtime/index/words.h"

/* Reciprocal-rank fusion (Cormack, Clarke and Buettcher, 2009). */
enum { RANK_CONSTANT = 60, MIN_DEPTH = 100 };

struct share {
    int64_t document;
    double value;
};

struct fusion {
    struct share *shares;           /* [2 * depth]: one for each place in a list */
    struct minnow_hit *vector_hits; /* [depth] */
    size_t depth, count;
};

static void add_share(struct fusion *fusion, int64_t document, size_t rank) {
    fusion->shares[fusion->count++] = (struct share){document, 1.0 / (double)(RANK_CONSTANT + rank)};
}

static int by_document(const void *a, const void *b) {
    int64_t x = ((const struct share *)a)->document, y = ((const struct share *)b)->document;
    return (x > y) - (x < y);
}

/* Shares of one document follow each other once sorted. */
static size_t fuse(struct fusion *fusion, size_t k, struct minnow_hit *hits) {
    struct minnow_top_k top = {.hits = hits, .capacity = k};
    qsort(fusion->shares, fusion->count, sizeof *fusion->shares, by_document);
    for (size_t i = 0; i < fusion->count;) {
        int64_t document = fusion->shares[i].document;
        double sum = 0;
        for (; i < fusion->count && fusion->shares[i].document == document; i++) sum += fusion->shares[i].value;
        minnow_top_k_offer(&top, document, (float)sum);
    }
    minnow_top_k_sort(&top);
    return top.count;
}

static enum minnow_status rank_words(struct minnow_index *index, const char *query, struct fusion *fusion,
                                     struct minnow_error *error) {
    sqlite3_stmt *match = index->statements[MINNOW_SQL_MATCH_WORDS];
    sqlite3_bind_text(match, 1, query, -1, SQLITE_STATIC);
    sqlite3_bind_int64(match, 2, (int64_t)fusion->depth);
    int result = SQLITE_ROW;
    for (size_t rank = 1; rank <= fusion->depth && (result = sqlite3_step(match)) == SQLITE_ROW; rank++)
        add_share(fusion, sqlite3_column_int64(match, 0), rank);
    enum minnow_status status = MINNOW_OK;
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        status = minnow_sqlite_fail(index, result, "search its words", error);
    sqlite3_reset(match);
    sqlite3_clear_bindings(match);
    return status;
}

static enum minnow_status rank_all(const struct minnow_search *search, const char *query, struct fusion *fusion,
                                   struct minnow_error *error) {
    size_t count;
    enum minnow_status status = minnow_search_rank(search, fusion->depth, fusion->vector_hits, &count, error);
    if (status != MINNOW_OK) return status;
    for (size_t i = 0; i < count; i++) add_share(fusion, fusion->vector_hits[i].document, i + 1);
    return query ? rank_words(search->index, query, fusion, error) : MINNOW_OK;
}

static bool allocate(struct fusion *fusion, const struct minnow_index *index, size_t k) {
    uint64_t count = minnow_search_loaded(index);
    size_t wanted = k > MIN_DEPTH ? k : MIN_DEPTH;
    fusion->depth = wanted < count ? wanted : (size_t)count;
    fusion->shares = calloc(2 * fusion->depth + 1, sizeof *fusion->shares);
    fusion->vector_hits = calloc(fusion->depth + 1, sizeof *fusion->vector_hits);
    return fusion->shares && fusion->vector_hits;
}

/* Both lists come from one state of the file. */
static enum minnow_status search_state(const struct minnow_search *search, const char *query, size_t k,
                                       struct minnow_hit *hits, size_t *found, struct minnow_error *error) {
    struct fusion fusion = {0};
    enum minnow_status status = minnow_search_load(search->index, error);
    if (status != MINNOW_OK) return status;
    if (allocate(&fusion, search->index, k))
        status = rank_all(search, query, &fusion, error);
    else
        status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: a hybrid search of depth %zu", search->index->path,
                             fusion.depth);
    if (status == MINNOW_OK) *found = fuse(&fusion, k, hits);
    free(fusion.shares);
    free(fusion.vector_hits);
    return status;
}

enum minnow_status minnow_hybrid_search(const struct minnow_search *search, size_t k, struct minnow_hit *hits,
                                        size_t *found, struct minnow_error *error) {
    char *words;
    if (!minnow_words_query(search->query, &words))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: a query of %zu bytes", search->index->path,
                           search->query.size);
    enum minnow_status status = minnow_begin_read(search->index, error);
    if (status == MINNOW_OK) {
        status = search_state(search, words, k, hits, found, error);
        status = minnow_finish(search->index, status, error);
    }
    free(words);
    return status;
}
