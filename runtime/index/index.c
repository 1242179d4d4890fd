/* The public index: the encoder before the store. */
#include <stdlib.h>
#include <string.h>

#include "runtime/index/store.h"
#include "runtime/session.h"

enum { BATCH = 64 }; /* documents encoded at once */

static uint32_t dimensions_of(const struct minnow_model *model, enum minnow_role role) {
    const struct minnow_route *route = minnow_route_of(&model->contents, role);
    return route ? route->dimensions : 0;
}

enum minnow_status minnow_index_open(const char *path, const struct minnow_model *model,
                                     const struct minnow_index_options *options, struct minnow_index **index,
                                     struct minnow_error *error) {
    struct minnow_index_options defaults = {.size = sizeof defaults};
    if (!options) options = &defaults;
    if (!path || !*path || !model || !index || options->size < sizeof defaults)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_open: path, model, index or options.size");
    if (model->contents.similarity != MINNOW_COSINE && model->contents.similarity != MINNOW_DOT)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "minnow_index_open: the model '%s' gives no vector a text",
                           model->contents.name);
    struct minnow_space space = {.dimensions = dimensions_of(model, MINNOW_DOCUMENT),
                                 .similarity = model->contents.similarity};
    memcpy(space.fingerprint, model->contents.space, sizeof space.fingerprint);
    return minnow_store_open(path, &space, &model->kernels, options->read_only, index, error);
}

static enum minnow_status check_session(const struct minnow_index *index, const struct minnow_session *session,
                                        enum minnow_role role, struct minnow_error *error) {
    const struct minnow_space *space = &index->space;
    uint32_t dimensions = dimensions_of(session->model, role);
    if (memcmp(session->model->contents.space, space->fingerprint, sizeof space->fingerprint) == 0 &&
        dimensions == space->dimensions)
        return MINNOW_OK;
    return minnow_fail(error, MINNOW_SPACE_MISMATCH,
                       "%s: the session's model '%s' (%u dimensions) is of another space than the index (%u): use the "
                       "model that made the index, or one trained for its space",
                       index->path, session->model->contents.name, dimensions, space->dimensions);
}

/* ---- Adding ------------------------------------------------------------------------------- */

/* One batch's buffers, and the texts "title text" that had to be joined. */
struct batch {
    struct minnow_text texts[BATCH];
    float *vectors; /* [BATCH][dimensions] */
    char *joined;
    size_t joined_capacity;
};

static bool joined_size(const struct minnow_document *documents, size_t count, size_t *size) {
    *size = 0;
    for (size_t i = 0; i < count; i++)
        if (documents[i].title.size &&
            (__builtin_add_overflow(*size, documents[i].title.size, size) ||
             __builtin_add_overflow(*size, documents[i].text.size, size) || __builtin_add_overflow(*size, 1, size)))
            return false;
    return true;
}

static char *join(char *to, struct minnow_text title, struct minnow_text text) {
    memcpy(to, title.bytes, title.size);
    to[title.size] = ' ';
    if (text.size) memcpy(to + title.size + 1, text.bytes, text.size);
    return to + title.size + 1 + text.size;
}

static enum minnow_status reserve_joined(struct batch *batch, size_t size, struct minnow_error *error) {
    if (size <= batch->joined_capacity) return MINNOW_OK;
    free(batch->joined);
    batch->joined = malloc(size);
    batch->joined_capacity = batch->joined ? size : 0;
    return batch->joined ? MINNOW_OK : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "index: texts of %zu bytes", size);
}

static enum minnow_status fill_texts(struct batch *batch, const struct minnow_document *documents, size_t count,
                                     struct minnow_error *error) {
    size_t size;
    if (!joined_size(documents, count, &size))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_add: text sizes overflow");
    enum minnow_status status = reserve_joined(batch, size, error);
    if (status != MINNOW_OK) return status;
    char *to = batch->joined;
    for (size_t i = 0; i < count; i++) {
        char *start = to;
        batch->texts[i] = documents[i].text;
        if (!documents[i].title.size) continue;
        to = join(to, documents[i].title, documents[i].text);
        batch->texts[i] = (struct minnow_text){start, (size_t)(to - start)};
    }
    return MINNOW_OK;
}

struct addition {
    struct minnow_index *index;
    struct minnow_session *session;
    const struct minnow_document *documents;
    size_t count;
    struct minnow_text_result *results;
};

static enum minnow_status encode_batch(const struct addition *add, struct batch *batch, size_t first,
                                       struct minnow_quantized *quantized, struct minnow_error *error) {
    size_t count = add->count - first < BATCH ? add->count - first : BATCH;
    enum minnow_status status = fill_texts(batch, add->documents + first, count, error);
    if (status == MINNOW_OK)
        status = minnow_encode(add->session, MINNOW_DOCUMENT, batch->texts, count, batch->vectors,
                               add->results ? add->results + first : NULL, error);
    if (status == MINNOW_OK) status = minnow_quantized_fill(add->index, quantized, first, batch->vectors, count, error);
    return status;
}

static enum minnow_status encode_all(const struct addition *add, struct minnow_quantized *quantized,
                                     struct minnow_error *error) {
    struct batch batch = {.vectors = calloc(BATCH * (size_t)add->index->space.dimensions, sizeof(float))};
    enum minnow_status status = MINNOW_OK;
    if (!batch.vectors) status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "index: %d vectors", BATCH);
    for (size_t first = 0; first < add->count && status == MINNOW_OK; first += BATCH)
        status = encode_batch(add, &batch, first, quantized, error);
    free(batch.vectors);
    free(batch.joined);
    return status;
}

/* Encoding is the slow part, so it is done before the lock is taken: 1 byte a dimension waits. */
enum minnow_status minnow_index_add(struct minnow_index *index, struct minnow_session *session,
                                    const struct minnow_document *documents, size_t count,
                                    struct minnow_text_result *results, struct minnow_error *error) {
    if (!index || !session || (count && !documents))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_add: index, session or documents");
    struct addition add = {index, session, documents, count, results};
    struct minnow_quantized quantized;
    enum minnow_status status = check_session(index, session, MINNOW_DOCUMENT, error);
    if (status == MINNOW_OK) status = minnow_documents_check(index, documents, count, error);
    if (status == MINNOW_OK) status = minnow_quantized_create(&quantized, count, index->space.dimensions, error);
    if (status != MINNOW_OK) return status;
    status = encode_all(&add, &quantized, error);
    if (status == MINNOW_OK) status = minnow_store_put_quantized(index, documents, &quantized, error);
    minnow_quantized_free(&quantized);
    return status;
}

/* ---- Searching ---------------------------------------------------------------------------- */

enum minnow_status minnow_index_search(struct minnow_index *index, struct minnow_session *session,
                                       struct minnow_text query, size_t k, unsigned flags, struct minnow_hit *hits,
                                       size_t *found, struct minnow_error *error) {
    if (!index || !session || !found || (k && !hits) || (flags & ~(unsigned)(MINNOW_HYBRID | MINNOW_APPROXIMATE)))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_search: index, session, hits, found or flags");
    *found = 0;
    enum minnow_status status = check_session(index, session, MINNOW_QUERY, error);
    if (status == MINNOW_OK) status = minnow_encode(session, MINNOW_QUERY, &query, 1, index->encoded, NULL, error);
    if (status != MINNOW_OK) return status;
    return minnow_store_search(index, index->encoded, query, k, flags, hits, found, error);
}
