#include "convert/eval/index_ranking.h"

#include "runtime/error.h"
#include "runtime/index/session_space.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 256 };

size_t minnow_ranking_candidates(const struct minnow_model_info *info) {
    return info->similarity == MINNOW_JOINT ? MINNOW_RERANK_CANDIDATES : 0;
}

static enum minnow_status make_folder(struct minnow_index_ranking *ranking, struct minnow_error *error) {
    const char *parent = getenv("TMPDIR");
    int used = snprintf(ranking->folder, sizeof ranking->folder, "%s/minnow-eval-XXXXXX",
                        parent && *parent ? parent : "/tmp");
    bool fits = used > 0 && (size_t)used < sizeof ranking->folder;
    if (!fits || !mkdtemp(ranking->folder)) {
        int reason = fits ? errno : ENAMETOOLONG;
        ranking->folder[0] = 0;
        return minnow_fail(error, MINNOW_IO, "no folder for an index could be made in TMPDIR: %s", strerror(reason));
    }
    snprintf(ranking->path, sizeof ranking->path, "%s/index.db", ranking->folder);
    return MINNOW_OK;
}

/* What a cross-encoder reranks: a part without rows belongs to each document. */
static enum minnow_status open_words(struct minnow_index_ranking *ranking, const struct minnow_model *model,
                                     struct minnow_error *error) {
    static const struct minnow_space words = {.dimensions = 1, .similarity = MINNOW_MAXSIM};
    return minnow_store_open(ranking->path, &(struct minnow_store_options){.space = &words}, &model->kernels,
                             &ranking->index, error);
}

static enum minnow_status add_words(struct minnow_index *index, const struct minnow_document *documents, size_t count,
                                    struct minnow_error *error) {
    static const struct minnow_part none[BATCH];
    return minnow_store_put_kept(index, documents, &(struct minnow_kept){.parts = none, .count = count}, error);
}

static enum minnow_status add_all(struct minnow_index_ranking *ranking, struct minnow_session *session, bool words,
                                  const struct minnow_documents *documents, const struct minnow_progress *progress,
                                  struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (size_t first = 0; first < documents->count && !status; first += BATCH) {
        size_t left = documents->count - first, count = left < BATCH ? left : BATCH;
        const struct minnow_document *batch = documents->items + first;
        status = words ? add_words(ranking->index, batch, count, error)
                       : minnow_index_add(ranking->index, session, batch, count, NULL, error);
        if (progress->report) progress->report(progress->context, "indexing documents", first + count, documents->count);
    }
    return status;
}

enum minnow_status minnow_index_ranking_begin(struct minnow_index_ranking *ranking, struct minnow_session *session,
                                              const struct minnow_documents *documents,
                                              const struct minnow_progress *progress, struct minnow_error *error) {
    struct minnow_space space;
    bool words = !minnow_space_of_model(session->model, &space);
    *ranking = (struct minnow_index_ranking){0};
    enum minnow_status status = make_folder(ranking, error);
    if (!status)
        status = words ? open_words(ranking, session->model, error)
                       : minnow_index_open(ranking->path, session->model, NULL, &ranking->index, error);
    if (status) return status;
    /* Nobody needs it after a crash. */
    sqlite3_exec(ranking->index->database, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY", NULL, NULL, NULL);
    return add_all(ranking, session, words, documents, progress, error);
}

enum minnow_status minnow_index_ranking_find(const struct minnow_index_ranking *ranking, struct minnow_session *session,
                                             struct minnow_text query, size_t k, struct minnow_hit *hits, size_t *found,
                                             struct minnow_error *error) {
    struct minnow_model_info info;
    minnow_model_info(session->model, &info);
    size_t candidates = minnow_ranking_candidates(&info);
    enum minnow_status status =
        candidates ? minnow_index_rerank(ranking->index, session, query, candidates, k, hits, found, error)
                   : minnow_index_search(ranking->index, session, query, k, 0, hits, found, error);
    for (size_t i = 0; i < *found && !status; i++) hits[i].document--;
    return status;
}

void minnow_index_ranking_end(struct minnow_index_ranking *ranking) {
    minnow_index_close(ranking->index);
    if (*ranking->path) remove(ranking->path);
    if (*ranking->folder) rmdir(ranking->folder);
}
