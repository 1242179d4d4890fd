#include "convert/eval/encode_all.h"

#include "runtime/error.h"
#include "runtime/session.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 64 };

struct item {
    struct minnow_text text;
    size_t row;
};

struct encoding {
    struct minnow_session *session;
    enum minnow_role role;
    size_t count, dimensions;
    struct item *items;
    float *batch; /* [BATCH][dimensions] */
    float *vectors;
};

static int by_size_descending(const void *a, const void *b) {
    const struct item *x = a, *y = b;
    if (x->text.size != y->text.size) return x->text.size > y->text.size ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static enum minnow_status allocate(struct encoding *encoding, const struct minnow_documents *documents,
                                   struct minnow_error *error) {
    size_t row = encoding->dimensions * sizeof(float), count = documents->count;
    if (row && count < SIZE_MAX / row) encoding->vectors = malloc(count * row + 1);
    encoding->batch = malloc(BATCH * row + 1);
    encoding->items = calloc(count + 1, sizeof *encoding->items);
    if (!encoding->vectors || !encoding->batch || !encoding->items)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu vectors of %zu numbers", count, encoding->dimensions);
    encoding->count = count;
    for (size_t i = 0; i < count; i++) encoding->items[i] = (struct item){minnow_documents_text(documents, i), i};
    qsort(encoding->items, count, sizeof *encoding->items, by_size_descending);
    return MINNOW_OK;
}

static enum minnow_status encode_batch(struct encoding *encoding, size_t first, size_t count,
                                       struct minnow_error *error) {
    struct minnow_text texts[BATCH];
    for (size_t i = 0; i < count; i++) texts[i] = encoding->items[first + i].text;
    enum minnow_status status =
        minnow_encode(encoding->session, encoding->role, texts, count, encoding->batch, NULL, error);
    if (status) return status;
    for (size_t i = 0; i < count; i++)
        memcpy(encoding->vectors + encoding->items[first + i].row * encoding->dimensions,
               encoding->batch + i * encoding->dimensions, encoding->dimensions * sizeof(float));
    return MINNOW_OK;
}

static enum minnow_status encode_batches(struct encoding *encoding, const char *stage,
                                         const struct minnow_progress *progress, struct minnow_error *error) {
    for (size_t first = 0; first < encoding->count; first += BATCH) {
        size_t left = encoding->count - first;
        enum minnow_status status = encode_batch(encoding, first, left < BATCH ? left : BATCH, error);
        if (status) return status;
        if (progress->report)
            progress->report(progress->context, stage, left < BATCH ? encoding->count : first + BATCH, encoding->count);
    }
    return MINNOW_OK;
}

enum minnow_status minnow_encode_all(struct minnow_session *session, enum minnow_role role,
                                     const struct minnow_documents *documents, const char *stage,
                                     const struct minnow_progress *progress, float **vectors,
                                     struct minnow_error *error) {
    const struct minnow_contents *contents = &session->model->contents;
    struct encoding encoding = {
        .session = session, .role = role, .dimensions = minnow_route_of(contents, role)->dimensions};
    enum minnow_status status = allocate(&encoding, documents, error);
    if (!status) status = encode_batches(&encoding, stage, progress, error);
    free(encoding.batch);
    free(encoding.items);
    if (status) {
        free(encoding.vectors);
        encoding.vectors = NULL;
    }
    *vectors = encoding.vectors;
    return status;
}
