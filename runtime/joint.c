/* Pairs of parts on their way through the joint route. */
#include <string.h>

#include "runtime/score.h"
#include "runtime/work.h"

struct joint {
    const struct minnow_parts *query;
    const struct minnow_part *parts;
    size_t width; /* of the parts' rows */
    float *scores;
};

static struct minnow_span take_pair(void *context, size_t item, struct minnow_lane *lane, size_t at) {
    const struct joint *joint = context;
    uint32_t query = joint->query->query_rows, count = query + joint->parts[item].count;
    (void)lane; /* rows come, not tokens */
    (void)at;
    return (struct minnow_span){.count = count, .seen = count, .query = query};
}

static void load_row(const struct joint *joint, const struct minnow_part *part, size_t index, float *out) {
    size_t stride = MINNOW_PADDED(joint->width);
    if (part->rows) {
        memcpy(out, part->rows + index * stride, joint->width * sizeof *out);
        return;
    }
    const int8_t *codes = part->codes + index * joint->width;
    for (size_t i = 0; i < joint->width; i++) out[i] = part->scales[index] * (float)codes[i];
}

static void load_pair(const struct joint *joint, const struct minnow_pass *pass, size_t pair) {
    struct minnow_span span = pass->shared->spans[pair];
    const struct minnow_part query = {.count = span.query, .rows = joint->query->query};
    const struct minnow_part *document = &joint->parts[pass->shared->texts[pair]];
    size_t stride = MINNOW_PADDED(joint->width);
    for (size_t i = 0; i < span.count; i++) {
        size_t row = span.first + i;
        if (row < pass->mine.first || row >= pass->mine.end) continue;
        bool of_query = i < span.query;
        load_row(joint, of_query ? &query : document, of_query ? i : i - span.query, pass->rows + row * stride);
    }
}

static void load_pairs(void *context, struct minnow_pass *pass) {
    const struct joint *joint = context;
    pass->width = joint->width;
    for (size_t i = 0; i < pass->text_count; i++) load_pair(joint, pass, i);
}

static void store_scores(void *context, const struct minnow_pass *pass) {
    const struct joint *joint = context;
    for (size_t i = 0; i < pass->text_count; i++)
        joint->scores[pass->shared->texts[i]] = pass->rows[i * MINNOW_PADDED(pass->width)];
}

enum minnow_status minnow_score_joint(struct minnow_session *session, const struct minnow_part *parts, size_t count,
                                      float *scores, struct minnow_error *error) {
    const struct minnow_contents *contents = &session->model->contents;
    struct joint joint = {.query = &session->parts,
                          .parts = parts,
                          .width = minnow_route_of(contents, MINNOW_QUERY)->dimensions,
                          .scores = scores};
    struct minnow_work work = {.session = session,
                               .route = minnow_joint_route(contents),
                               .count = count,
                               .context = &joint,
                               .take = take_pair,
                               .load = load_pairs,
                               .store = store_scores};
    minnow_work_run(&work);
    return minnow_check_scores(scores, count, error);
}
