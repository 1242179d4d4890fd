/* What a caller hands in, checked and quantized before any lock is taken. */
#include <stdlib.h>

#include "runtime/index/quantize.h"
#include "runtime/index/store.h"

enum minnow_status minnow_quantized_create(struct minnow_quantized *quantized, size_t count, size_t dimensions,
                                           struct minnow_error *error) {
    *quantized = (struct minnow_quantized){.count = count, .dimensions = dimensions};
    quantized->values = calloc(count ? count : 1, dimensions);
    quantized->scales = calloc(count ? count : 1, sizeof *quantized->scales);
    if (quantized->values && quantized->scales) return MINNOW_OK;
    minnow_quantized_free(quantized);
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "index: %zu vectors of %zu bytes", count, dimensions);
}

void minnow_quantized_free(struct minnow_quantized *quantized) {
    free(quantized->values);
    free(quantized->scales);
    *quantized = (struct minnow_quantized){0};
}

enum minnow_status minnow_quantized_fill(struct minnow_index *index, struct minnow_quantized *quantized, size_t first,
                                         const float *vectors, size_t count, struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < count && status == MINNOW_OK; i++)
        status = minnow_store_quantize(index, vectors + i * quantized->dimensions,
                                       quantized->values + (first + i) * quantized->dimensions,
                                       &quantized->scales[first + i], error);
    return status;
}

static bool text_valid(struct minnow_text text) { return text.bytes || !text.size; }

enum minnow_status minnow_documents_check(const struct minnow_index *index, const struct minnow_document *documents,
                                          size_t count, struct minnow_error *error) {
    for (size_t i = 0; i < count; i++) {
        const struct minnow_document *document = &documents[i];
        if (!text_valid(document->id) || !text_valid(document->title) || !text_valid(document->text))
            return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%s: documents[%zu]: a text without bytes", index->path,
                               i);
        if (!document->id.size) /* two of them would replace each other */
            return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%s: documents[%zu]: an empty id", index->path, i);
    }
    return MINNOW_OK;
}

enum minnow_status minnow_store_put(struct minnow_index *index, const struct minnow_document *documents,
                                    const float *vectors, size_t count, struct minnow_error *error) {
    struct minnow_quantized quantized;
    enum minnow_status status = minnow_documents_check(index, documents, count, error);
    if (status == MINNOW_OK) status = minnow_quantized_create(&quantized, count, index->space.dimensions, error);
    if (status != MINNOW_OK) return status;
    status = minnow_quantized_fill(index, &quantized, 0, vectors, count, error);
    if (status == MINNOW_OK) status = minnow_store_put_quantized(index, documents, &quantized, error);
    minnow_quantized_free(&quantized);
    return status;
}
