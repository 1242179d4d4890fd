/* Queries with documents to score, from a file: JSONL with "query" and "documents", or lines of query TAB document, told
 * apart by the first byte that is not white space. One line at a time. */
#ifndef MINNOW_PAIRS_H
#define MINNOW_PAIRS_H

#include "minnow.h"

struct minnow_pairs;

/* path "-" is standard input. */
enum minnow_status minnow_pairs_open(const char *path, struct minnow_pairs **pairs, struct minnow_error *error);

struct minnow_pairs_line {
    struct minnow_text query;
    const struct minnow_text *documents;
    size_t count;
    bool json;
};
/* The next line into *line (borrowed until the next call). Sets *end at the end. Blank lines are skipped. Errors name
 * file and line. */
enum minnow_status minnow_pairs_next(struct minnow_pairs *pairs, struct minnow_pairs_line *line, bool *end,
                                     struct minnow_error *error);
void minnow_pairs_close(struct minnow_pairs *pairs); /* NULL is allowed */

#endif
