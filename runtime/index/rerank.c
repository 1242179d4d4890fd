/* Reranking: documents that the words of a query find, scored by a model. A model of the index's space reads the
 * vectors or parts that are stored, any other one the texts. */
#include <stdlib.h>
#include <string.h>

#include "runtime/index/gathered.h"
#include "runtime/index/parts.h"
#include "runtime/index/session_space.h"
#include "runtime/index/top_k.h"
#include "runtime/index/words.h"
#include "runtime/score.h"

struct rerank {
    struct minnow_search search; /* index and query */
    struct minnow_session *session;
    size_t most;         /* candidates; 0: all documents */
    int64_t *candidates; /* [count] */
    size_t count, capacity;
    struct minnow_top_k top;
};

/* ---- Which documents ---------------------------------------------------------------------- */

static enum minnow_status add_candidate(struct rerank *rerank, int64_t document, struct minnow_error *error) {
    if (rerank->count == rerank->capacity) {
        size_t capacity = rerank->capacity ? 2 * rerank->capacity : 256;
        int64_t *grown = realloc(rerank->candidates, capacity * sizeof *grown);
        if (!grown) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "rerank: %zu candidates", capacity);
        rerank->candidates = grown;
        rerank->capacity = capacity;
    }
    rerank->candidates[rerank->count++] = document;
    return MINNOW_OK;
}

/* Every row of a bound statement is a document's number. */
static enum minnow_status add_candidates(struct rerank *rerank, enum minnow_statement which, int bound,
                                         struct minnow_error *error) {
    struct minnow_index *index = rerank->search.index;
    sqlite3_stmt *statement = index->statements[which];
    enum minnow_status status = MINNOW_OK;
    int result = bound;
    while (status == MINNOW_OK && (result == SQLITE_OK || result == SQLITE_ROW)) {
        result = sqlite3_step(statement);
        if (result == SQLITE_ROW) status = add_candidate(rerank, sqlite3_column_int64(statement, 0), error);
    }
    if (status == MINNOW_OK && result != SQLITE_DONE)
        status = minnow_sqlite_fail(index, result, "find candidates", error);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

static enum minnow_status find_candidates(struct rerank *rerank, struct minnow_error *error) {
    struct minnow_index *index = rerank->search.index;
    char *words;
    if (!rerank->most) return add_candidates(rerank, MINNOW_SQL_LIST_DOCUMENTS, SQLITE_OK, error);
    if (!minnow_words_query(rerank->search.query, &words))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: a query of %zu bytes", index->path,
                           rerank->search.query.size);
    if (!words) return MINNOW_OK;
    sqlite3_stmt *match = index->statements[MINNOW_SQL_MATCH_WORDS];
    int bound = sqlite3_bind_text(match, 1, words, -1, SQLITE_STATIC);
    if (bound == SQLITE_OK)
        bound = sqlite3_bind_int64(match, 2, rerank->most < INT64_MAX ? (int64_t)rerank->most : INT64_MAX);
    enum minnow_status status = add_candidates(rerank, MINNOW_SQL_MATCH_WORDS, bound, error);
    free(words);
    return status;
}

/* ---- By what is in memory: vectors, token vectors ------------------------------------------ */

static enum minnow_status find_slot(struct minnow_index *index, int64_t document, uint64_t *slot,
                                    struct minnow_error *error) {
    sqlite3_stmt *statement = index->statements[MINNOW_SQL_GET_SLOT];
    sqlite3_bind_int64(statement, 1, document);
    int result = sqlite3_step(statement);
    enum minnow_status status = MINNOW_OK;
    if (result == SQLITE_ROW)
        *slot = (uint64_t)sqlite3_column_int64(statement, 0);
    else
        status = result == SQLITE_DONE ? minnow_damaged(index, "its words name a document that is not there", error)
                                       : minnow_sqlite_fail(index, result, "find a document", error);
    sqlite3_reset(statement);
    return status;
}

/* As a search computes it, of all digits. */
static enum minnow_status score_vector(struct rerank *rerank, int64_t document, float *score,
                                       struct minnow_error *error) {
    struct minnow_index *index = rerank->search.index;
    struct minnow_chunk chunk;
    uint64_t slot = 0;
    int32_t dot;
    enum minnow_status status = find_slot(index, document, &slot, error);
    if (status == MINNOW_OK) status = minnow_cache_load(index, slot, document, &chunk, error);
    if (status != MINNOW_OK) return status;
    size_t row = chunk.first + slot % MINNOW_CHUNK_SLOTS;
    minnow_block_get(chunk.block, row, index->moved);
    index->kernels.dots_s8(index->query, index->moved, index->stride, 1, index->space.dimensions, &dot);
    *score = (float)dot * (rerank->search.query_scale * chunk.block->scales[row]);
    return MINNOW_OK;
}

static enum minnow_status score_tokens(struct rerank *rerank, int64_t document, float *score,
                                       struct minnow_error *error) {
    struct minnow_index *index = rerank->search.index;
    const struct minnow_document_tokens *tokens = minnow_tokens_find(&index->tokens, document);
    if (!tokens) return minnow_damaged(index, "its words name a document that has no vectors", error);
    return minnow_maxsim_score(index, tokens, score, error);
}

/* One state of the file: candidates and what is in memory. */
static enum minnow_status score_state(struct rerank *rerank, struct minnow_error *error) {
    struct minnow_index *index = rerank->search.index;
    bool parts = minnow_space_has_parts(&index->space);
    enum minnow_status status = find_candidates(rerank, error);
    if (status == MINNOW_OK) status = parts ? minnow_tokens_complete(index, error) : minnow_cache_refresh(index, error);
    for (size_t i = 0; i < rerank->count && status == MINNOW_OK; i++) {
        float score = 0;
        int64_t document = rerank->candidates[i];
        status = parts ? score_tokens(rerank, document, &score, error) : score_vector(rerank, document, &score, error);
        if (status == MINNOW_OK) minnow_top_k_offer(&rerank->top, document, score);
    }
    return status;
}

static enum minnow_status rerank_in_memory(struct rerank *rerank, struct minnow_error *error) {
    struct minnow_index *index = rerank->search.index;
    enum minnow_status status = minnow_search_begin(&rerank->search, rerank->session, error);
    if (status == MINNOW_OK) status = minnow_begin_read(index, error);
    return status == MINNOW_OK ? minnow_finish(index, score_state(rerank, error), error) : status;
}

/* ---- By what is read from the file: parts, texts -------------------------------------------- */

static enum minnow_status check_parts(const struct rerank *rerank, const struct minnow_gathered *gathered,
                                      struct minnow_error *error) {
    const struct minnow_contents *contents = &rerank->session->model->contents;
    bool pools = minnow_route_pools(minnow_route_of(contents, MINNOW_DOCUMENT));
    uint32_t most = pools ? 1 : contents->inputs[MINNOW_DOCUMENT].max_tokens;
    for (size_t i = 0; i < gathered->count; i++) {
        uint32_t rows = gathered->pieces[i].rows;
        if (rows > most || (pools && rows == 0))
            return minnow_fail(error, MINNOW_SPACE_MISMATCH,
                               "%s: document %lld has a part of %u rows, the session's model makes %s%u: use the model "
                               "that made the index",
                               rerank->search.index->path, (long long)gathered->pieces[i].document, rows,
                               pools ? "" : "at most ", most);
    }
    return MINNOW_OK;
}

static enum minnow_status score_gathered(struct rerank *rerank, const struct minnow_gathered *gathered, bool parts,
                                         struct minnow_error *error) {
    float scores[MINNOW_GATHERED];
    struct minnow_part part_list[MINNOW_GATHERED];
    struct minnow_text texts[MINNOW_GATHERED];
    enum minnow_status status = parts ? check_parts(rerank, gathered, error) : MINNOW_OK;
    if (status != MINNOW_OK) return status;
    if (parts) {
        minnow_gathered_parts(gathered, part_list);
        status = minnow_score_joint(rerank->session, part_list, gathered->count, scores, error);
    } else {
        minnow_gathered_texts(gathered, texts);
        status = minnow_score(rerank->session, rerank->search.query, texts, gathered->count, scores, NULL, NULL, error);
    }
    if (status != MINNOW_OK) return minnow_fail_within(error, status, "%s", rerank->search.index->path);
    for (size_t i = 0; i < gathered->count; i++)
        minnow_top_k_offer(&rerank->top, gathered->pieces[i].document, scores[i]);
    return MINNOW_OK;
}

/* Scoring may take long: meanwhile no lock is held, and what another process removes is left out. */
static enum minnow_status rerank_batches(struct rerank *rerank, bool parts, struct minnow_error *error) {
    struct minnow_index *index = rerank->search.index;
    struct minnow_gathered gathered = {0};
    enum minnow_status status = MINNOW_OK;
    for (size_t next = 0; next < rerank->count && status == MINNOW_OK;) {
        minnow_gathered_clear(&gathered);
        while (next < rerank->count && minnow_gathered_has_room(&gathered) && status == MINNOW_OK) {
            int64_t document = rerank->candidates[next++];
            status = parts ? minnow_gather_part(&gathered, index, document, error)
                           : minnow_gather_text(&gathered, index, document, error);
        }
        if (status == MINNOW_OK) status = score_gathered(rerank, &gathered, parts, error);
    }
    minnow_gathered_free(&gathered);
    return status;
}

static enum minnow_status rerank_from_file(struct rerank *rerank, bool parts, struct minnow_error *error) {
    struct minnow_index *index = rerank->search.index;
    enum minnow_status status = MINNOW_OK;
    if (parts) status = minnow_score_query(rerank->session, rerank->search.query, NULL, error);
    if (status == MINNOW_OK) status = minnow_begin_read(index, error);
    if (status == MINNOW_OK) status = minnow_finish(index, find_candidates(rerank, error), error);
    return status == MINNOW_OK ? rerank_batches(rerank, parts, error) : status;
}

enum minnow_status minnow_index_rerank(struct minnow_index *index, struct minnow_session *session,
                                       struct minnow_text query, size_t candidates, size_t k, struct minnow_hit *hits,
                                       size_t *found, struct minnow_error *error) {
    if (!index || !session || !found || (k && !hits) || (query.size && !query.bytes))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_rerank: index, session, query, hits or found");
    *found = 0;
    struct rerank rerank = {.search = {.index = index, .query = query},
                            .session = session,
                            .most = candidates,
                            .top = {.hits = hits, .capacity = k}};
    bool stored = minnow_session_in_space(index, session), joint = index->space.similarity == MINNOW_JOINT;
    enum minnow_status status =
        stored && !joint ? rerank_in_memory(&rerank, error) : rerank_from_file(&rerank, stored, error);
    free(rerank.candidates);
    if (status != MINNOW_OK) return status;
    minnow_top_k_sort(&rerank.top);
    *found = rerank.top.count;
    return MINNOW_OK;
}
