/* Pairs of texts whose tokens go through the joint route together (cross-encoders). */
#include <string.h>

#include "runtime/score.h"
#include "runtime/tokenize.h"
#include "runtime/work.h"

struct pairs {
    struct minnow_session *session;
    const struct minnow_text *documents;
    struct minnow_text_result *results;
    float *scores;
};

/* The rest of an input behind its `plain` tokens at ids; types and positions of all of them. Returns where it ends. */
static uint32_t put_part(const struct minnow_input *input, uint32_t plain, struct minnow_lane *lane, size_t begin,
                         uint32_t position) {
    uint32_t *ids = lane->ids + begin, count = input->leading_count + plain;
    for (uint32_t i = 0; i < input->leading_count; i++) ids[i] = input->leading[i];
    if (input->trailing != MINNOW_NO_TOKEN) ids[count++] = input->trailing;
    for (uint32_t i = 0; i < count; i++) {
        lane->positions[begin + i] = position + i;
        lane->types[begin + i] = input->type;
    }
    return count;
}

static struct minnow_span take_pair(void *context, size_t item, struct minnow_lane *lane, size_t at) {
    const struct pairs *pairs = context;
    const struct minnow_contents *contents = &pairs->session->model->contents;
    const struct minnow_parts *parts = &pairs->session->parts;
    const struct minnow_input *query = &contents->inputs[MINNOW_QUERY], *document = &contents->inputs[MINNOW_DOCUMENT];
    uint32_t most = minnow_joint_route(contents)->max_tokens;
    /* behind the room of the longest pair, until it is known how much of the query stays */
    uint32_t *found = lane->ids + at + most;
    struct minnow_tokens tokens = minnow_tokenize_plain(contents, MINNOW_DOCUMENT, pairs->documents[item], found);
    struct minnow_pair pair =
        minnow_cut_pair(contents, (struct minnow_pair){parts->query_tokens, tokens.count}, most);
    memcpy(lane->ids + at + query->leading_count, parts->query_ids, pair.query * sizeof *found);
    uint32_t count = put_part(query, pair.query, lane, at, 0);
    memmove(lane->ids + at + count + document->leading_count, found, pair.document * sizeof *found);
    uint32_t rest = put_part(document, pair.document, lane, at + count, count);
    if (pairs->results)
        pairs->results[item] =
            (struct minnow_text_result){rest, tokens.truncated || pair.document < tokens.count};
    return (struct minnow_span){.count = count + rest, .seen = count + rest};
}

static void store_pairs(void *context, const struct minnow_pass *pass) {
    const struct pairs *pairs = context;
    for (size_t i = 0; i < pass->text_count; i++)
        pairs->scores[pass->shared->texts[i]] = pass->rows[i * MINNOW_PADDED(pass->width)];
}

enum minnow_status minnow_score_pairs(struct minnow_session *session, struct minnow_text query,
                                      const struct minnow_text *documents, size_t count, float *scores,
                                      struct minnow_text_result *query_result, struct minnow_text_result *results,
                                      struct minnow_error *error) {
    const struct minnow_contents *contents = &session->model->contents;
    struct minnow_tokens tokens = minnow_tokenize_plain(contents, MINNOW_QUERY, query, session->parts.query_ids);
    session->parts.query_tokens = tokens.count;
    if (query_result) {
        uint32_t special = minnow_special_tokens(&contents->inputs[MINNOW_QUERY]);
        *query_result = (struct minnow_text_result){tokens.count + special, tokens.truncated};
    }
    struct pairs pairs = {session, documents, results, scores};
    struct minnow_work work = {.session = session,
                               .route = minnow_joint_route(contents),
                               .count = count,
                               .context = &pairs,
                               .take = take_pair,
                               .store = store_pairs};
    minnow_work_run(&work);
    return minnow_check_scores(scores, count, error);
}
