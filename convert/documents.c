#include "convert/documents.h"

#include "runtime/error.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(struct minnow_documents *documents) {
    if (documents->count < documents->capacity) return true;
    size_t capacity = documents->capacity ? documents->capacity * 2 : 64;
    if (capacity > SIZE_MAX / sizeof *documents->items) return false;
    struct minnow_document *items = realloc(documents->items, capacity * sizeof *items);
    if (!items) return false;
    documents->items = items;
    documents->capacity = capacity;
    return true;
}

static struct minnow_text copy_text(char **at, struct minnow_text text) {
    struct minnow_text copy = {*at, text.size};
    if (text.size) memcpy(*at, text.bytes, text.size);
    *at += text.size;
    return copy;
}

/* id, title, one space, text in one block: title, space and text can be read as one. */
static bool copy_document(const struct minnow_document *document, struct minnow_document *copy) {
    size_t size = document->id.size + document->title.size + document->text.size;
    char *at = malloc(size + 1);
    if (!at) return false;
    copy->id = copy_text(&at, document->id);
    copy->title = copy_text(&at, document->title);
    *at++ = ' ';
    copy->text = copy_text(&at, document->text);
    return true;
}

enum minnow_status minnow_documents_add(struct minnow_documents *documents, const struct minnow_document *document,
                                        struct minnow_error *error) {
    if (!make_room(documents) || !copy_document(document, &documents->items[documents->count]))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu documents of %zu bytes", documents->count,
                           documents->bytes);
    documents->count++;
    documents->bytes += document->id.size + document->title.size + document->text.size;
    return MINNOW_OK;
}

enum minnow_status minnow_documents_read(struct minnow_documents *documents, struct minnow_texts *texts, size_t count,
                                         size_t bytes, bool *end, struct minnow_error *error) {
    *end = false;
    while (documents->count < count && documents->bytes <= bytes) {
        struct minnow_document document;
        enum minnow_status status = minnow_texts_next(texts, &document, end, error);
        if (status || *end) return status;
        status = minnow_documents_add(documents, &document, error);
        if (status) return status;
    }
    return MINNOW_OK;
}

struct minnow_text minnow_documents_text(const struct minnow_documents *documents, size_t i) {
    const struct minnow_document *document = &documents->items[i];
    if (!document->title.size) return document->text;
    return (struct minnow_text){document->title.bytes, document->title.size + 1 + document->text.size};
}

void minnow_documents_clear(struct minnow_documents *documents) {
    for (size_t i = 0; i < documents->count; i++) free((void *)(uintptr_t)documents->items[i].id.bytes);
    documents->count = 0;
    documents->bytes = 0;
}

void minnow_documents_free(struct minnow_documents *documents) {
    minnow_documents_clear(documents);
    free(documents->items);
    *documents = (struct minnow_documents){0};
}
