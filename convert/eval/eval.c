#include "convert/eval/eval.h"

#include "convert/eval/beir.h"
#include "convert/eval/encode_all.h"
#include "convert/eval/index_ranking.h"
#include "convert/eval/metrics.h"
#include "convert/eval/trec_run.h"
#include "convert/output_file.h"
#include "runtime/error.h"
#include "runtime/index/top_k.h"
#include "runtime/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCORES_AT_ONCE = 1024 };

/* The judgements of one query that has a relevant one. */
struct topic {
    size_t query, first, count;
};

struct evaluation {
    const struct minnow_eval_options *options;
    struct minnow_eval_result *result;
    struct minnow_beir beir;
    struct topic *topics;
    size_t topic_count;
    const struct minnow_kernels *kernels;
    size_t dimensions;
    const float *documents; /* a row for each; NULL: */
    struct minnow_index_ranking indexed; /* that ranks */
    float *encoded, *query_vectors;      /* a row for each document (NULL: they are the caller's), for each topic */
    struct minnow_session *query_session;
    int32_t *judged;                         /* room for the judgements of one topic */
    FILE *run;                               /* or NULL */
};

static bool has_relevant(const struct minnow_judgement *judgements, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (judgements[i].relevance > 0) return true;
    return false;
}

static enum minnow_status find_topics(struct evaluation *work, struct minnow_error *error) {
    const struct minnow_judgement *judgements = work->beir.judgements;
    size_t total = work->beir.judgement_count;
    work->topics = calloc(total + 1, sizeof *work->topics);
    work->judged = calloc(total + 1, sizeof *work->judged);
    if (!work->topics || !work->judged) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu judgements", total);
    for (size_t first = 0, end; first < total; first = end) {
        for (end = first; end < total && judgements[end].query == judgements[first].query;) end++;
        if (has_relevant(judgements + first, end - first))
            work->topics[work->topic_count++] = (struct topic){judgements[first].query, first, end - first};
    }
    if (work->topic_count) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_INPUT, "%s: no query has a relevant judgement", work->options->folder);
}

/* Only the queries that count are encoded. */
static enum minnow_status encode_queries(struct evaluation *work, struct minnow_session *session,
                                         struct minnow_error *error) {
    struct minnow_documents queries = {.count = work->topic_count};
    queries.items = calloc(work->topic_count, sizeof *queries.items);
    if (!queries.items) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu queries", work->topic_count);
    for (size_t i = 0; i < work->topic_count; i++) queries.items[i] = work->beir.queries.items[work->topics[i].query];
    enum minnow_status status = minnow_encode_all(session, MINNOW_QUERY, &queries, "encoding queries",
                                                  &work->options->progress, &work->query_vectors, error);
    free(queries.items);
    return status;
}

static void offer_scores(struct minnow_top_k *top, size_t first, const float *scores, size_t count) {
    for (size_t i = 0; i < count; i++)
        minnow_top_k_offer(top, (int64_t)(first + i), isnan(scores[i]) ? -INFINITY : scores[i]);
}

static void rank_documents(const struct evaluation *work, const float *query, struct minnow_top_k *top) {
    float scores[SCORES_AT_ONCE];
    size_t total = work->beir.corpus.count;
    for (size_t first = 0; first < total; first += SCORES_AT_ONCE) {
        size_t count = total - first < SCORES_AT_ONCE ? total - first : SCORES_AT_ONCE;
        work->kernels->dots_f32(query, work->documents + first * work->dimensions, work->dimensions, count,
                                work->dimensions, scores);
        offer_scores(top, first, scores, count);
    }
    minnow_top_k_sort(top);
}

static int32_t relevance_of(const struct evaluation *work, const struct topic *topic, int64_t document) {
    const struct minnow_judgement *judgements = work->beir.judgements + topic->first;
    for (size_t i = 0; i < topic->count; i++)
        if (judgements[i].document == (size_t)document) return judgements[i].relevance;
    return 0;
}

static struct minnow_metrics measure_topic(const struct evaluation *work, const struct topic *topic,
                                           const struct minnow_top_k *top) {
    struct minnow_metrics metrics = {0};
    int32_t ranked[MINNOW_RECALL_DEPTH];
    for (size_t i = 0; i < top->count; i++) ranked[i] = relevance_of(work, topic, top->hits[i].document);
    for (size_t i = 0; i < topic->count; i++) work->judged[i] = work->beir.judgements[topic->first + i].relevance;
    minnow_metrics_of_query(ranked, top->count, work->judged, topic->count, &metrics);
    return metrics;
}

static enum minnow_status rank_topic(const struct evaluation *work, size_t topic, struct minnow_top_k *top,
                                     struct minnow_error *error) {
    if (work->query_vectors) {
        rank_documents(work, work->query_vectors + topic * work->dimensions, top);
        return MINNOW_OK;
    }
    const struct minnow_progress *progress = &work->options->progress;
    struct minnow_text query = minnow_documents_text(&work->beir.queries, work->topics[topic].query);
    if (progress->report) progress->report(progress->context, "ranking", topic, work->topic_count);
    return minnow_index_ranking_find(&work->indexed, work->query_session, query, top->capacity, top->hits, &top->count,
                                     error);
}

static enum minnow_status search_topics(struct evaluation *work, struct minnow_error *error) {
    struct minnow_metrics sum = {0};
    for (size_t i = 0; i < work->topic_count; i++) {
        struct minnow_hit hits[MINNOW_RECALL_DEPTH];
        struct minnow_top_k top = {hits, MINNOW_RECALL_DEPTH, 0};
        enum minnow_status status = rank_topic(work, i, &top, error);
        if (status) return status;
        struct minnow_metrics metrics = measure_topic(work, &work->topics[i], &top);
        sum.ndcg_at_10 += metrics.ndcg_at_10;
        sum.mrr_at_10 += metrics.mrr_at_10;
        sum.recall_at_100 += metrics.recall_at_100;
        if (work->run) minnow_trec_run_write(work->run, &work->beir, work->topics[i].query, hits, top.count);
    }
    double topics = (double)work->topic_count;
    *work->result = (struct minnow_eval_result){.documents = work->beir.corpus.count,
                                                .queries = work->topic_count,
                                                .candidates = work->result->candidates,
                                                .ndcg_at_10 = sum.ndcg_at_10 / topics,
                                                .mrr_at_10 = sum.mrr_at_10 / topics,
                                                .recall_at_100 = sum.recall_at_100 / topics};
    return MINNOW_OK;
}

static enum minnow_status search_with_run(struct evaluation *work, struct minnow_error *error) {
    struct minnow_output_file *file;
    enum minnow_status status = minnow_output_file_open(work->options->run_path, &file, error);
    if (status) return status;
    work->run = minnow_output_file_stream(file);
    status = search_topics(work, error);
    if (!status) return minnow_output_file_commit(file, error);
    minnow_output_file_abandon(file);
    return status;
}

static bool gives_vectors(enum minnow_similarity similarity) {
    return similarity == MINNOW_COSINE || similarity == MINNOW_DOT;
}

static enum minnow_status encode_both(struct evaluation *work, struct minnow_session *document_session,
                                      struct minnow_error *error) {
    enum minnow_status status = encode_queries(work, work->query_session, error);
    work->documents = work->options->document_vectors;
    if (status || work->documents) return status;
    status = minnow_encode_all(document_session, MINNOW_DOCUMENT, &work->beir.corpus, "encoding documents",
                               &work->options->progress, &work->encoded, error);
    work->documents = work->encoded;
    return status;
}

static enum minnow_status evaluate(struct evaluation *work, struct minnow_session *document_session,
                                   struct minnow_error *error) {
    const struct minnow_eval_options *options = work->options;
    const char *split = options->split ? options->split : "test";
    enum minnow_status status = minnow_beir_read(options->folder, split, &work->beir, error);
    if (!status && options->run_path) status = minnow_trec_run_check(options->run_path, &work->beir, error);
    if (!status) status = find_topics(work, error);
    if (status) return status;
    status = gives_vectors(document_session->model->contents.similarity)
                 ? encode_both(work, document_session, error)
                 : minnow_index_ranking_begin(&work->indexed, document_session, &work->beir.corpus, &options->progress,
                                              error);
    if (status) return status;
    return options->run_path ? search_with_run(work, error) : search_topics(work, error);
}

static enum minnow_status check_spaces(const struct minnow_model_info *query, const struct minnow_model_info *document,
                                       struct minnow_error *error) {
    bool same = memcmp(query->space, document->space, sizeof query->space) == 0;
    bool alike = query->similarity == document->similarity ||
                 (gives_vectors(query->similarity) && gives_vectors(document->similarity));
    if (same && alike && query->dimensions == document->dimensions) return MINNOW_OK;
    return minnow_fail(error, MINNOW_SPACE_MISMATCH,
                       "the query model (%s, %u dimensions) and the document model (%s, %u dimensions) are of "
                       "different spaces; expected two models trained for each other, or one model",
                       query->name, query->dimensions, document->name, document->dimensions);
}

enum minnow_status minnow_eval(const struct minnow_eval_options *options, struct minnow_session *query_session,
                               struct minnow_session *document_session, struct minnow_eval_result *result,
                               struct minnow_error *error) {
    struct minnow_model_info query, document;
    minnow_model_info(query_session->model, &query);
    minnow_model_info(document_session->model, &document);
    enum minnow_status status = check_spaces(&query, &document, error);
    if (status) return status;
    struct evaluation work = {.options = options,
                              .result = result,
                              .kernels = &query_session->model->kernels,
                              .dimensions = query.dimensions,
                              .query_session = query_session};
    result->candidates = minnow_ranking_candidates(&query);
    status = evaluate(&work, document_session, error);
    minnow_index_ranking_end(&work.indexed);
    minnow_beir_free(&work.beir);
    free(work.topics);
    free(work.judged);
    free(work.encoded);
    free(work.query_vectors);
    return status;
}
