/* A query and documents to scores. */
#include "runtime/score.h"

#include <math.h>
#include <string.h>

#include "runtime/encoding.h"

enum minnow_status minnow_check_scores(const float *scores, size_t count, struct minnow_error *error) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(scores[i]))
            return minnow_fail(error, MINNOW_NOT_FINITE,
                               "document %zu: its score is NaN or infinite; the weights are damaged", i);
    return MINNOW_OK;
}

/* ---- The query's part ---- */

/* What of the rows of text `index` the similarity compares. */
static uint32_t copy_part(const struct minnow_encoding *encoding, const struct minnow_pass *pass, size_t index,
                          float *out) {
    size_t stride = MINNOW_PADDED(pass->width);
    if (!minnow_route_pools(minnow_route_of(encoding->contents, encoding->role)))
        return minnow_store_rows(encoding, pass, index, out, stride);
    memcpy(out, pass->rows + index * stride, pass->width * sizeof *out);
    return 1;
}

static void store_query(struct minnow_encoding *encoding, const struct minnow_pass *pass) {
    struct minnow_parts *parts = encoding->context;
    parts->query_rows = copy_part(encoding, pass, 0, parts->query);
}

enum minnow_status minnow_score_query(struct minnow_session *session, struct minnow_text query,
                                      struct minnow_text_result *result, struct minnow_error *error) {
    struct minnow_encoding encoding = {.role = MINNOW_QUERY,
                                       .texts = &query,
                                       .results = result,
                                       .count = 1,
                                       .store = store_query,
                                       .context = &session->parts};
    return minnow_encoding_run(session, &encoding, error);
}

/* ---- Vectors ---- */

static float dot(const struct minnow_kernels *kernels, const float *a, const float *b, size_t columns) {
    float out;
    kernels->dots_f32(a, b, MINNOW_PADDED(columns), 1, columns, &out);
    return out;
}

/* 0 where one of them is all zeros. */
static float cosine(const struct minnow_kernels *kernels, const float *a, const float *b, size_t columns) {
    float norms = sqrtf(dot(kernels, a, a, columns)) * sqrtf(dot(kernels, b, b, columns));
    return norms > 0 ? dot(kernels, a, b, columns) / norms : 0;
}

/* The sum over the query's rows, in order, of the largest dot with a row of the document; 0 for a document of none. */
static float maxsim(const struct minnow_session *session, const struct minnow_lane *lane, const float *rows,
                    uint32_t count, size_t width) {
    const struct minnow_parts *parts = &session->parts;
    float sum = 0, *dots = lane->similarities;
    size_t stride = MINNOW_PADDED(width);
    for (uint32_t q = 0; q < parts->query_rows && count; q++) {
        session->model->kernels.dots_f32(parts->query + q * stride, rows, stride, count, width, dots);
        float best = dots[0];
        for (uint32_t i = 1; i < count; i++) best = dots[i] > best ? dots[i] : best;
        sum += best;
    }
    return sum;
}

float minnow_score_rows(const struct minnow_session *session, const struct minnow_lane *lane, const float *rows,
                        uint32_t count) {
    const struct minnow_contents *contents = &session->model->contents;
    const struct minnow_kernels *kernels = &session->model->kernels;
    size_t width = minnow_route_of(contents, MINNOW_DOCUMENT)->dimensions;
    switch (contents->similarity) {
    case MINNOW_COSINE: return cosine(kernels, session->parts.query, rows, session->dimensions);
    case MINNOW_DOT: return dot(kernels, session->parts.query, rows, session->dimensions);
    case MINNOW_MAXSIM: return maxsim(session, lane, rows, count, width);
    case MINNOW_JOINT: break;
    }
    return NAN;
}

/* ---- Documents whose part is compared as soon as it is there ---- */

struct comparison {
    const struct minnow_session *session;
    float *scores;
};

static void store_comparisons(struct minnow_encoding *encoding, const struct minnow_pass *pass) {
    const struct comparison *comparison = encoding->context;
    size_t stride = MINNOW_PADDED(pass->width);
    bool pools = minnow_route_pools(minnow_route_of(encoding->contents, MINNOW_DOCUMENT));
    for (size_t i = 0; i < pass->text_count; i++) {
        float *rows = pass->rows + (pools ? i : pass->shared->spans[i].first) * stride;
        uint32_t count = pools ? 1 : minnow_store_rows(encoding, pass, i, rows, stride);
        comparison->scores[pass->shared->texts[i]] =
            minnow_score_rows(comparison->session, pass->own, rows, count);
    }
}

static enum minnow_status compare(struct minnow_session *session, const struct minnow_text *documents, size_t count,
                                  float *scores, struct minnow_text_result *results, struct minnow_error *error) {
    struct comparison comparison = {session, scores};
    struct minnow_encoding encoding = {.role = MINNOW_DOCUMENT,
                                       .texts = documents,
                                       .results = results,
                                       .count = count,
                                       .store = store_comparisons,
                                       .context = &comparison};
    enum minnow_status status = minnow_encoding_run(session, &encoding, error);
    return status == MINNOW_OK ? minnow_check_scores(scores, count, error) : status;
}

/* ---- Documents whose parts meet the query's in the joint route ---- */

static void store_parts(struct minnow_encoding *encoding, const struct minnow_pass *pass) {
    struct minnow_parts *parts = encoding->context;
    size_t slot = parts->document_room * MINNOW_PADDED(pass->width);
    for (size_t i = 0; i < pass->text_count; i++) {
        size_t text = pass->shared->texts[i];
        parts->document_rows[text] = copy_part(encoding, pass, i, parts->documents + text * slot);
    }
}

static enum minnow_status score_some(struct minnow_session *session, const struct minnow_text *documents, size_t count,
                                     float *scores, struct minnow_text_result *results, struct minnow_error *error) {
    struct minnow_parts *parts = &session->parts;
    size_t stride = MINNOW_PADDED(minnow_route_of(&session->model->contents, MINNOW_DOCUMENT)->dimensions);
    struct minnow_encoding encoding = {.role = MINNOW_DOCUMENT,
                                       .texts = documents,
                                       .results = results,
                                       .count = count,
                                       .store = store_parts,
                                       .context = parts};
    enum minnow_status status = minnow_encoding_run(session, &encoding, error);
    if (status != MINNOW_OK) return status;
    for (size_t i = 0; i < count; i++)
        parts->list[i] = (struct minnow_part){.count = parts->document_rows[i],
                                              .rows = parts->documents + i * parts->document_room * stride};
    return minnow_score_joint(session, parts->list, count, scores, error);
}

static enum minnow_status score_parts(struct minnow_session *session, const struct minnow_text *documents, size_t count,
                                      float *scores, struct minnow_text_result *results, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    size_t room = session->parts.document_count;
    for (size_t first = 0; first < count && status == MINNOW_OK; first += room)
        status = score_some(session, documents + first, count - first < room ? count - first : room, scores + first,
                            results ? results + first : NULL, error);
    return status;
}

enum minnow_status minnow_score(struct minnow_session *session, struct minnow_text query,
                                const struct minnow_text *documents, size_t count, float *scores,
                                struct minnow_text_result *query_result, struct minnow_text_result *results,
                                struct minnow_error *error) {
    enum minnow_status status = minnow_encode_check(session, MINNOW_DOCUMENT, documents, count, "minnow_score", error);
    if (status != MINNOW_OK) return status;
    if ((!query.bytes && query.size) || (count && !scores))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_score: query or scores");
    const struct minnow_contents *contents = &session->model->contents;
    if (minnow_joint_takes_tokens(contents))
        return minnow_score_pairs(session, query, documents, count, scores, query_result, results, error);
    status = minnow_score_query(session, query, query_result, error);
    if (status != MINNOW_OK) return status;
    return contents->similarity == MINNOW_JOINT ? score_parts(session, documents, count, scores, results, error)
                                                : compare(session, documents, count, scores, results, error);
}
