/* Rankings in TREC's run format: query Q0 document rank score tag. */
#ifndef MINNOW_TREC_RUN_H
#define MINNOW_TREC_RUN_H

#include "convert/eval/beir.h"

#include <stdio.h>

/* The format parts its fields by white space: ids must not hold any. */
enum minnow_status minnow_trec_run_check(const char *path, const struct minnow_beir *beir, struct minnow_error *error);

/* The lines of one query; hits best first, their document numbers are positions in beir->corpus. */
void minnow_trec_run_write(FILE *file, const struct minnow_beir *beir, size_t query, const struct minnow_hit *hits,
                           size_t count);

#endif
