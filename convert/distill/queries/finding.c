#include "convert/distill/queries/finding.h"

#include <math.h>
#include <stdlib.h>

#include "convert/blas.h"
#include "runtime/index/top_k.h"

enum { QUERIES = 64, DOCUMENTS = 1024 };

/* Scores of queries from `query` on, a row each, and documents from `document` on. */
struct block {
    size_t query, query_count, document, document_count;
    const float *scores; /* [query_count][document_count] */
};

typedef void look_fn(void *context, const struct block *block);

static void score_block(const struct minnow_finding *finding, const struct block *block, float *scores) {
    int queries = (int)block->query_count, documents = (int)block->document_count, width = (int)finding->dimensions;
    minnow_blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, queries, documents, width, 1,
                         finding->queries + block->query * finding->dimensions, width,
                         finding->documents + block->document * finding->dimensions, width, 0, scores, documents);
}

static size_t at_most(size_t count, size_t most) { return count < most ? count : most; }

static enum minnow_status look_at_all(const struct minnow_finding *finding, look_fn *look, void *context,
                                      const struct minnow_progress *progress, struct minnow_error *error) {
    float *scores = malloc((size_t)QUERIES * DOCUMENTS * sizeof *scores);
    if (!scores) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "scores of %d documents", DOCUMENTS);
    struct block block = {.scores = scores};
    for (; block.query < finding->query_count; block.query += QUERIES) {
        block.query_count = at_most(finding->query_count - block.query, QUERIES);
        for (block.document = 0; block.document < finding->document_count; block.document += DOCUMENTS) {
            block.document_count = at_most(finding->document_count - block.document, DOCUMENTS);
            score_block(finding, &block, scores);
            look(context, &block);
        }
        if (progress->report)
            progress->report(progress->context, "searching", block.query + block.query_count, finding->query_count);
    }
    free(scores);
    return MINNOW_OK;
}

/* ---- Places ---------------------------------------------------------------------------------- */

struct placing {
    const size_t *owners;
    const float *own; /* scores */
    size_t *places;
};

static void count_better(void *context, const struct block *block) {
    const struct placing *placing = context;
    for (size_t i = 0; i < block->query_count; i++) {
        const float *scores = block->scores + i * block->document_count;
        size_t query = block->query + i, better = 0;
        for (size_t j = 0; j < block->document_count; j++)
            better += scores[j] > placing->own[query] && block->document + j != placing->owners[query];
        placing->places[query] += better;
    }
}

enum minnow_status minnow_find_places(const struct minnow_finding *finding, const size_t *owners,
                                      const struct minnow_progress *progress, size_t *places,
                                      struct minnow_error *error) {
    size_t width = finding->dimensions;
    float *own = malloc((finding->query_count + 1) * sizeof *own);
    if (!own) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "scores of %zu queries", finding->query_count);
    for (size_t i = 0; i < finding->query_count; i++) {
        own[i] =
            minnow_blas()->sdot((int)width, finding->queries + i * width, 1, finding->documents + owners[i] * width, 1);
        places[i] = 0;
    }
    struct placing placing = {owners, own, places};
    enum minnow_status status = look_at_all(finding, count_better, &placing, progress, error);
    free(own);
    return status;
}

/* ---- The nearest ----------------------------------------------------------------------------- */

struct nearing {
    float *best;
    size_t *nearest;
};

static void keep_best(void *context, const struct block *block) {
    const struct nearing *nearing = context;
    for (size_t i = 0; i < block->query_count; i++) {
        const float *scores = block->scores + i * block->document_count;
        size_t query = block->query + i;
        for (size_t j = 0; j < block->document_count; j++) {
            if (!(scores[j] > nearing->best[query])) continue;
            nearing->best[query] = scores[j];
            nearing->nearest[query] = block->document + j;
        }
    }
}

enum minnow_status minnow_find_nearest(const struct minnow_finding *finding, const struct minnow_progress *progress,
                                       size_t *nearest, struct minnow_error *error) {
    float *best = malloc((finding->query_count + 1) * sizeof *best);
    if (!best) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "scores of %zu queries", finding->query_count);
    for (size_t i = 0; i < finding->query_count; i++) {
        best[i] = -INFINITY;
        nearest[i] = 0;
    }
    struct nearing nearing = {best, nearest};
    enum minnow_status status = look_at_all(finding, keep_best, &nearing, progress, error);
    free(best);
    return status;
}

/* ---- The best -------------------------------------------------------------------------------- */

static void keep_several(void *context, const struct block *block) {
    struct minnow_top_k *tops = context;
    for (size_t i = 0; i < block->query_count; i++) {
        const float *scores = block->scores + i * block->document_count;
        for (size_t j = 0; j < block->document_count; j++)
            minnow_top_k_offer(&tops[block->query + i], (int64_t)(block->document + j),
                               isnan(scores[j]) ? -INFINITY : scores[j]);
    }
}

enum minnow_status minnow_find_best(const struct minnow_finding *finding, size_t k,
                                    const struct minnow_progress *progress, uint32_t *best,
                                    struct minnow_error *error) {
    struct minnow_top_k *tops = calloc(finding->query_count + 1, sizeof *tops);
    struct minnow_hit *hits = calloc(finding->query_count * k + 1, sizeof *hits);
    enum minnow_status status = MINNOW_OK;
    if (!tops || !hits)
        status =
            minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu documents of each of %zu queries", k, finding->query_count);
    for (size_t i = 0; !status && i < finding->query_count; i++) tops[i] = (struct minnow_top_k){hits + i * k, k, 0};
    if (!status) status = look_at_all(finding, keep_several, tops, progress, error);
    for (size_t i = 0; !status && i < finding->query_count; i++) {
        minnow_top_k_sort(&tops[i]);
        for (size_t j = 0; j < k; j++)
            best[i * k + j] = j < tops[i].count ? (uint32_t)hits[i * k + j].document : UINT32_MAX;
    }
    free(tops);
    free(hits);
    return status;
}
