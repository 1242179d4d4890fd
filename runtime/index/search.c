/* Search by vector: the query as the index keeps vectors, then scan.c. */
#include <string.h>

#include "runtime/index/quantize.h"
#include "runtime/index/store.h"

enum minnow_status minnow_store_quantize(struct minnow_index *index, const float *vector, int8_t *q, float *scale,
                                         struct minnow_error *error) {
    size_t dimensions = index->space.dimensions;
    memcpy(index->vector, vector, dimensions * sizeof *vector);
    if (index->space.similarity == MINNOW_COSINE) index->kernels.normalize(index->vector, dimensions);
    if (minnow_quantize_vector(index->vector, dimensions, q, scale)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_NOT_FINITE, "%s: a vector holds NaN, infinity or numbers over 1e16", index->path);
}

enum minnow_status minnow_store_search(struct minnow_index *index, const float *vector, struct minnow_text query,
                                       size_t k, unsigned flags, struct minnow_hit *hits, size_t *found,
                                       struct minnow_error *error) {
    float scale;
    enum minnow_status status = minnow_store_quantize(index, vector, index->query, &scale, error);
    if (status != MINNOW_OK) return status;
    if (flags & MINNOW_HYBRID) return minnow_hybrid_search(index, scale, query, k, flags, hits, found, error);
    if ((status = minnow_cache_complete(index, error)) == MINNOW_OK) *found = minnow_scan(index, scale, flags, k, hits);
    return status;
}
