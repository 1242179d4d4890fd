/* What a teacher finds: dots of queries with every document, in blocks, by BLAS. */
#ifndef MINNOW_QUERY_FINDING_H
#define MINNOW_QUERY_FINDING_H

#include "convert/progress.h"
#include "runtime/error.h"

#include <stddef.h>

struct minnow_finding {
    const float *queries, *documents; /* [count][dimensions] */
    size_t query_count, document_count, dimensions;
};

/* places: [query_count], how many documents have a higher score than the query's own, `owners[i]`. */
enum minnow_status minnow_find_places(const struct minnow_finding *finding, const size_t *owners,
                                      const struct minnow_progress *progress, size_t *places,
                                      struct minnow_error *error);
/* nearest: [query_count], the document with the highest score, the first of equal ones; there is one. */
enum minnow_status minnow_find_nearest(const struct minnow_finding *finding, const struct minnow_progress *progress,
                                       size_t *nearest, struct minnow_error *error);
/* best: [query_count][k], the documents with the highest scores, best first, lower numbers first among equal ones;
 * UINT32_MAX behind the last where there are fewer. */
enum minnow_status minnow_find_best(const struct minnow_finding *finding, size_t k,
                                    const struct minnow_progress *progress, uint32_t *best,
                                    struct minnow_error *error);

#endif
