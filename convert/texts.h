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
 * plain text may hold any bytes but '\n' (NUL too); a trailing '\r' is dropped. Blank lines
 * before the first other one are empty texts; in JSONL blank lines are skipped. Errors name file and line. */
enum minnow_status minnow_texts_next(struct minnow_texts *texts, struct minnow_document *document, bool *end,
                                     struct minnow_error *error);
/* Bytes read so far and in all; total is 0 where it is not known (a pipe). */
void minnow_texts_position(const struct minnow_texts *texts, uint64_t *done, uint64_t *total);
void minnow_texts_close(struct minnow_texts *texts);

#endif
