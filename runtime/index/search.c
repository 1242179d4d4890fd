/* Search: the query as the index keeps vectors, then scan.c or maxsim.c, or both lists of hybrid.c. */
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

enum minnow_status minnow_search_load(struct minnow_index *index, struct minnow_error *error) {
    return minnow_space_has_parts(&index->space) ? minnow_tokens_complete(index, error)
                                                 : minnow_cache_complete(index, error);
}

uint64_t minnow_search_loaded(const struct minnow_index *index) {
    return minnow_space_has_parts(&index->space) ? index->tokens.count : minnow_cache_count(&index->cache);
}

enum minnow_status minnow_search_rank(const struct minnow_search *search, size_t k, struct minnow_hit *hits,
                                      size_t *found, struct minnow_error *error) {
    struct minnow_index *index = search->index;
    if (minnow_space_has_parts(&index->space))
        return minnow_maxsim_search(index, search->threads, search->flags, k, hits, found, error);
    *found = minnow_scan(index, search->query_scale, search->flags, k, hits);
    return MINNOW_OK;
}

enum minnow_status minnow_search_run(const struct minnow_search *search, size_t k, struct minnow_hit *hits,
                                     size_t *found, struct minnow_error *error) {
    if (search->flags & MINNOW_HYBRID) return minnow_hybrid_search(search, k, hits, found, error);
    enum minnow_status status = minnow_search_load(search->index, error);
    return status == MINNOW_OK ? minnow_search_rank(search, k, hits, found, error) : status;
}

enum minnow_status minnow_store_search(struct minnow_index *index, const float *vector, struct minnow_text query,
                                       size_t k, unsigned flags, struct minnow_hit *hits, size_t *found,
                                       struct minnow_error *error) {
    struct minnow_search search = {.index = index, .query = query, .flags = flags};
    enum minnow_status status = minnow_store_quantize(index, vector, index->query, &search.query_scale, error);
    return status == MINNOW_OK ? minnow_search_run(&search, k, hits, found, error) : status;
}
