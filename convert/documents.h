/* Copies of records in memory: a batch, or a whole corpus. */
#ifndef MINNOW_DOCUMENTS_H
#define MINNOW_DOCUMENTS_H

#include "convert/texts.h"

/* Zero it to begin. */
struct minnow_documents {
    struct minnow_document *items;
    size_t count, capacity;
    size_t bytes; /* of ids, titles and texts */
};

enum minnow_status minnow_documents_add(struct minnow_documents *documents, const struct minnow_document *document,
                                        struct minnow_error *error);
/* Add records until `count` of them or more than `bytes` are there, or the input ends. */
enum minnow_status minnow_documents_read(struct minnow_documents *documents, struct minnow_texts *texts, size_t count,
                                         size_t bytes, bool *end, struct minnow_error *error);
/* What an encoder sees of item i: title + " " + text, or the text alone where there is no title. */
struct minnow_text minnow_documents_text(const struct minnow_documents *documents, size_t i);
void minnow_documents_clear(struct minnow_documents *documents); /* keeps the room of `items` */
void minnow_documents_free(struct minnow_documents *documents);

#endif
