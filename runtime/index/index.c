/* The public index: opening for a model, searching with a session. */
#include <string.h>

#include "runtime/index/session_space.h"

static enum minnow_status refuse_model(const char *path, const struct minnow_model *model, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: the model '%s' reads query and document together and leaves nothing of a document to "
                       "store: make the index with another model, and rerank with this one (minnow rerank, "
                       "minnow_index_rerank)",
                       path, model->contents.name);
}

static enum minnow_status choose_size(struct minnow_space *space, uint32_t wanted, const struct minnow_model *model,
                                      struct minnow_error *error) {
    if (wanted == 0 || wanted == space->dimensions) return MINNOW_OK;
    if (wanted > space->dimensions || minnow_space_has_parts(space))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT,
                           "minnow_index_open: options.dimensions is %u, the model '%s' gives %u that cannot be cut so",
                           wanted, model->contents.name, space->dimensions);
    space->dimensions = wanted;
    return MINNOW_OK;
}

/* Without a model, or for one that stores nothing: whatever index is there, to read and to rerank. */
static enum minnow_status open_any(const char *path, const struct minnow_model *model, struct minnow_index **index,
                                   struct minnow_error *error) {
    struct minnow_kernels kernels;
    if (model)
        kernels = model->kernels;
    else
        minnow_kernels_choose(&kernels, NULL); /* the best there is: never refused */
    return minnow_store_open(path, &(struct minnow_store_options){.read_only = true}, &kernels, index, error);
}

enum minnow_status minnow_index_open(const char *path, const struct minnow_model *model,
                                     const struct minnow_index_options *options, struct minnow_index **index,
                                     struct minnow_error *error) {
    struct minnow_index_options defaults = {.size = sizeof defaults};
    struct minnow_space space;
    if (!options) options = &defaults;
    if (!path || !*path || !index || options->size < sizeof defaults || (!model && !options->read_only))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_open: path, model, index or options.size");
    if (!model || !minnow_space_of_model(model, &space))
        return options->read_only ? open_any(path, model, index, error) : refuse_model(path, model, error);
    enum minnow_status status = choose_size(&space, options->dimensions, model, error);
    if (status != MINNOW_OK) return status;
    struct minnow_store_options store = {
        .space = &space,
        .any_size = options->dimensions == 0 && !minnow_space_has_parts(&space),
        .read_only = options->read_only};
    return minnow_store_open(path, &store, &model->kernels, index, error);
}

void minnow_index_info(const struct minnow_index *index, struct minnow_index_info *info) {
    *info = (struct minnow_index_info){.similarity = index->space.similarity, .dimensions = index->space.dimensions};
    memcpy(info->space, index->space.fingerprint, sizeof info->space);
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

enum minnow_status minnow_index_search(struct minnow_index *index, struct minnow_session *session,
                                       struct minnow_text query, size_t k, unsigned flags, struct minnow_hit *hits,
                                       size_t *found, struct minnow_error *error) {
    if (!index || !session || !found || (k && !hits) || (flags & ~(unsigned)(MINNOW_HYBRID | MINNOW_APPROXIMATE)))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_search: index, session, hits, found or flags");
    *found = 0;
    enum minnow_status status = minnow_session_space_check(index, session, error);
    if (status != MINNOW_OK) return status;
    if (index->space.similarity == MINNOW_JOINT)
        return minnow_index_rerank(index, session, query, larger(k, MINNOW_RERANK_CANDIDATES), k, hits, found, error);
    struct minnow_search search = {.index = index, .query = query, .flags = flags};
    status = minnow_search_begin(&search, session, error);
    return status == MINNOW_OK ? minnow_search_run(&search, k, hits, found, error) : status;
}
