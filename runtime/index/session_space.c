#include "runtime/index/session_space.h"

#include <string.h>

#include "runtime/score.h"

bool minnow_space_of_model(const struct minnow_model *model, struct minnow_space *space) {
    const struct minnow_route *route = minnow_route_of(&model->contents, MINNOW_DOCUMENT);
    if (!route) return false;
    *space = (struct minnow_space){.dimensions = route->dimensions, .similarity = model->contents.similarity};
    memcpy(space->fingerprint, model->contents.space, sizeof space->fingerprint);
    return true;
}

bool minnow_session_in_space(const struct minnow_index *index, const struct minnow_session *session) {
    struct minnow_space space;
    return minnow_space_of_model(session->model, &space) && session->dimensions == index->space.dimensions &&
           space.similarity == index->space.similarity &&
           memcmp(space.fingerprint, index->space.fingerprint, sizeof space.fingerprint) == 0;
}

enum minnow_status minnow_session_space_check(const struct minnow_index *index, const struct minnow_session *session,
                                              struct minnow_error *error) {
    if (minnow_session_in_space(index, session)) return MINNOW_OK;
    const struct minnow_contents *contents = &session->model->contents;
    return minnow_fail(error, MINNOW_SPACE_MISMATCH,
                       "%s: the session's model '%s' (%u dimensions, %s) is of another space than the index (%u, %s): "
                       "use the model that made the index, or one trained for its space, with as many dimensions; any "
                       "model can rerank",
                       index->path, contents->name, session->dimensions, minnow_similarity_name(contents->similarity),
                       index->space.dimensions, minnow_similarity_name(index->space.similarity));
}

static enum minnow_status take_rows(struct minnow_search *search, struct minnow_session *session,
                                    struct minnow_error *error) {
    enum minnow_status status = minnow_score_query(session, search->query, NULL, error);
    if (status != MINNOW_OK) return status;
    search->threads = session->threads;
    return minnow_maxsim_take(search->index, session->parts.query, session->parts.query_rows,
                              MINNOW_PADDED(search->index->space.dimensions), error);
}

enum minnow_status minnow_search_begin(struct minnow_search *search, struct minnow_session *session,
                                       struct minnow_error *error) {
    struct minnow_index *index = search->index;
    if (minnow_space_has_parts(&index->space)) return take_rows(search, session, error);
    enum minnow_status status =
        minnow_encode(session, MINNOW_QUERY, &search->query, 1, index->encoded, NULL, error);
    if (status != MINNOW_OK) return status;
    return minnow_store_quantize(index, index->encoded, index->query, &search->query_scale, error);
}
