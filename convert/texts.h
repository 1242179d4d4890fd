/* Documents and texts from files: a text a line, or JSONL with "text" (and "title", "_id"), told
 * apart by the first byte that is not white space ('{' means JSONL). One record at a time, so a
 * file of any size needs the memory of its longest line. */
#ifndef MINNOW_TEXTS_H
#define MINNOW_TEXTS_H

#include "minnow.h"

#include <stdio.h>

struct minnow_texts;

/* path "-" is standard input. */
enum minnow_status minnow_texts_open(const char *path, struct minnow_texts **texts, struct minnow_error *error);
/* The next record into *document (borrowed until the next call); id is the line number in decimal
 * where the record names none, title empty where there is none. Sets *end at the end. A line of
 * plain text may hold any bytes but '\n' (NUL too); a trailing '\r' is dropped. Errors name file and line. */
enum minnow_status minnow_texts_next(struct minnow_texts *texts, struct minnow_document *document, bool *end,
                                     struct minnow_error *error);
void minnow_texts_close(struct minnow_texts *texts);

#endif
