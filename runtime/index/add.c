/* Adding: documents through the encoder into the store. */
#include <stdlib.h>
#include <string.h>

#include "runtime/index/encode_parts.h"
#include "runtime/index/parts.h"
#include "runtime/index/session_space.h"
#include "runtime/index/store.h"

enum { BATCH = 64 }; /* documents encoded at once */

/* One batch's buffers, and the texts "title text" that had to be joined. */
struct batch {
    struct minnow_text texts[BATCH];
    float *vectors; /* [BATCH][dimensions], of a document each */
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
    struct minnow_quantized vectors; /* what came of them: vectors */
    struct minnow_part *parts;       /* or parts; NULL: vectors */
};

static enum minnow_status encode_batch(struct addition *add, struct batch *batch, size_t first,
                                       struct minnow_error *error) {
    size_t count = add->count - first < BATCH ? add->count - first : BATCH;
    struct minnow_text_result *results = add->results ? add->results + first : NULL;
    enum minnow_status status = fill_texts(batch, add->documents + first, count, error);
    if (status != MINNOW_OK) return status;
    if (add->parts)
        return minnow_encode_parts(add->session, batch->texts, count, add->parts + first, results, error);
    status = minnow_encode(add->session, MINNOW_DOCUMENT, batch->texts, count, batch->vectors, results, error);
    if (status != MINNOW_OK) return status;
    return minnow_quantized_fill(add->index, &add->vectors, first, batch->vectors, count, error);
}

static enum minnow_status encode_all(struct addition *add, struct minnow_error *error) {
    struct batch batch = {0};
    enum minnow_status status = MINNOW_OK;
    if (!add->parts) {
        batch.vectors = calloc(BATCH * (size_t)add->index->space.dimensions, sizeof(float));
        if (!batch.vectors) status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "index: %d vectors", BATCH);
    }
    for (size_t first = 0; first < add->count && status == MINNOW_OK; first += BATCH)
        status = encode_batch(add, &batch, first, error);
    free(batch.vectors);
    free(batch.joined);
    return status;
}

static enum minnow_status create_room(struct addition *add, struct minnow_error *error) {
    if (!minnow_space_has_parts(&add->index->space))
        return minnow_quantized_create(&add->vectors, add->count, add->index->space.dimensions, error);
    add->parts = calloc(add->count + 1, sizeof *add->parts);
    return add->parts ? MINNOW_OK : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "index: %zu documents", add->count);
}

static void free_room(struct addition *add) {
    for (size_t i = 0; add->parts && i < add->count; i++) minnow_part_free(&add->parts[i]);
    free(add->parts);
    minnow_quantized_free(&add->vectors);
}

/* Encoding is the slow part, so it is done before the lock is taken: 1 byte a dimension waits. */
enum minnow_status minnow_index_add(struct minnow_index *index, struct minnow_session *session,
                                    const struct minnow_document *documents, size_t count,
                                    struct minnow_text_result *results, struct minnow_error *error) {
    if (!index || !session || (count && !documents))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "minnow_index_add: index, session or documents");
    struct addition add = {index, session, documents, count, results, {0}, NULL};
    enum minnow_status status = minnow_session_space_check(index, session, error);
    if (status == MINNOW_OK) status = minnow_documents_check(index, documents, count, error);
    if (status == MINNOW_OK) status = create_room(&add, error);
    if (status == MINNOW_OK) status = encode_all(&add, error);
    struct minnow_kept kept = {.vectors = add.parts ? NULL : &add.vectors, .parts = add.parts, .count = count};
    if (status == MINNOW_OK) status = minnow_store_put_kept(index, documents, &kept, error);
    free_room(&add);
    return status;
}
