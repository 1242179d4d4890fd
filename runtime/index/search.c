/* Search by vector: every packed vector against the query, the best kept. */
#include <string.h>

#include "runtime/index/quantize.h"
#include "runtime/index/store.h"
#include "runtime/index/top_k.h"

enum minnow_status minnow_store_quantize(struct minnow_index *index, const float *vector, int8_t *q, float *scale,
                                         struct minnow_error *error) {
    size_t dimensions = index->space.dimensions;
    memcpy(index->vector, vector, dimensions * sizeof *vector);
    if (index->space.similarity == MINNOW_COSINE) index->kernels.normalize(index->vector, dimensions);
    if (minnow_quantize_vector(index->vector, dimensions, q, scale)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_NOT_FINITE, "%s: a vector holds NaN, infinity or numbers over 1e16", index->path);
}

size_t minnow_scan(const struct minnow_index *index, float query_scale, size_t k, struct minnow_hit *hits) {
    struct minnow_top_k top = {.hits = hits, .capacity = k};
    int32_t dots[MINNOW_CHUNK_SLOTS];
    for (size_t c = 0; c < index->cache.chunk_count; c++) {
        const struct minnow_chunk *chunk = &index->cache.chunks[c].memory;
        size_t rows = index->cache.chunks[c].rows;
        index->kernels.dots_s8(index->query, chunk->vectors, index->stride, rows, index->space.dimensions, dots);
        for (size_t i = 0; i < rows; i++)
            minnow_top_k_offer(&top, chunk->documents[i], (float)dots[i] * (query_scale * chunk->scales[i]));
    }
    minnow_top_k_sort(&top);
    return top.count;
}

enum minnow_status minnow_store_search(struct minnow_index *index, const float *vector, struct minnow_text query,
                                       size_t k, unsigned flags, struct minnow_hit *hits, size_t *found,
                                       struct minnow_error *error) {
    float scale;
    enum minnow_status status = minnow_store_quantize(index, vector, index->query, &scale, error);
    if (status != MINNOW_OK) return status;
    if (flags & MINNOW_HYBRID) return minnow_hybrid_search(index, scale, query, k, hits, found, error);
    if ((status = minnow_cache_complete(index, error)) == MINNOW_OK) *found = minnow_scan(index, scale, k, hits);
    return status;
}
