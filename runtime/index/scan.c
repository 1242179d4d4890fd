/* The exact search. Of every vector the first three digits are read; they bound its score from above (block.h). Where
 * the bound reaches the k-th best score so far, the fourth digit makes it narrower, and what still reaches it is
 * computed in full. No vector that belongs to the best is missed, and their scores are those of all the digits. */
#include "runtime/index/scan.h"

#include <math.h>
#include <string.h>

enum { GROUP = MINNOW_PLANE_VECTORS, LINE = MINNOW_PLANE_LINE };

static int64_t sum_of_squares(const int8_t *q, size_t count) {
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += q[i] * q[i];
    return sum;
}

struct minnow_scan minnow_scan_begin(const struct minnow_index *index, float query_scale, size_t k,
                                     struct minnow_hit *hits) {
    struct minnow_scan scan = {.index = index, .query_scale = query_scale, .top = {.hits = hits, .capacity = k}};
    for (size_t i = 0; i < index->space.dimensions; i++) scan.sum += index->query[i];
    double norm = sqrt((double)sum_of_squares(index->query, index->space.dimensions));
    scan.norm = nextafterf((float)norm, INFINITY);
    return scan;
}

/* Scores divided by the query's scale; less a little, as rounding may have made the worst too good. A tiny scale
 * bounds nothing. */
static float threshold(const struct minnow_scan *scan, const struct minnow_top_k *top) {
    if (top->count < top->capacity || scan->query_scale < MINNOW_LEAST_BOUNDED_SCALE) return -INFINITY;
    float worst = top->hits[0].score / scan->query_scale;
    return worst - fabsf(worst) * 0x1p-20f;
}

/* q . c of block.h is 2 (dot of the digits) - (2^bits - 1) (sum of q). */
struct minnow_limit minnow_scan_limit(const struct minnow_scan *scan, const struct minnow_top_k *top, unsigned bits) {
    return (struct minnow_limit){-((1 << bits) - 1) * scan->sum, scan->norm, threshold(scan, top)};
}

void minnow_scan_rescore(struct minnow_scan *scan, const struct minnow_block *block, size_t first,
                         const int32_t *dots, const uint32_t *indices, size_t count) {
    int32_t low[MINNOW_BATCH];
    scan->rescored += count;
    const uint8_t *rows = block->low + first * block->stripes * 16;
    for (size_t i = 0; i < count; i++) {
        minnow_prefetch(rows + indices[i] * block->stripes * 16, block->stripes * 16);
        minnow_prefetch(block->scales + first + indices[i], sizeof(float));
    }
    scan->index->kernels.dots_u4(scan->index->query, rows, block->stripes, indices, count, low);
    for (size_t i = 0; i < count; i++) {
        size_t row = first + indices[i];
        int32_t dot = 16 * dots[indices[i]] + low[i] - 128 * scan->sum;
        float score = (float)dot * (scan->query_scale * block->scales[row]);
        if (scan->top.count < scan->top.capacity || score >= scan->top.hits[0].score)
            minnow_top_k_offer(&scan->top, block->documents[row], score);
    }
}

/* Add the fourth digit to the groups that hold kept rows, and keep what it still lets through. */
static size_t refine(struct minnow_scan *scan, const struct minnow_block *block, size_t first, size_t count,
                     int32_t *dots, const uint32_t *kept, size_t kept_count, uint32_t *still) {
    const struct minnow_kernels *kernels = &scan->index->kernels;
    struct minnow_limit limit = minnow_scan_limit(scan, &scan->top, 4);
    size_t line_bytes = block->stripes * LINE, found = 0;
    const uint8_t *plane = block->fourth + first / GROUP * line_bytes;
    for (size_t i = 0; i < kept_count;) {
        size_t begin = kept[i] / GROUP, end = begin + 1; /* neighbouring groups go together */
        for (; i < kept_count && kept[i] / GROUP <= end; i++) end = kept[i] / GROUP + 1;
        size_t from = begin * GROUP, rows = end * GROUP < count ? (end - begin) * GROUP : count - from;
        kernels->dots_u1(scan->index->query, plane + begin * line_bytes, end - begin, block->stripes, dots + from);
        size_t more = kernels->select(dots + from, block->bounds[MINNOW_BOUND_4] + first + from, rows, &limit,
                                      still + found);
        for (; more; more--) still[found++] += (uint32_t)from;
        scan->narrowed += rows;
    }
    return found;
}

/* Few rows: their groups are far apart. Of many the plane is read in order, which needs no help. */
static void prefetch_groups(const struct minnow_block *block, size_t first, const uint32_t *kept, size_t count) {
    size_t line_bytes = block->stripes * LINE, last = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t group = (first + kept[i]) / GROUP;
        if (group == last) continue;
        last = group;
        minnow_prefetch(block->fourth + group * line_bytes, line_bytes);
        minnow_prefetch(block->bounds[MINNOW_BOUND_4] + group * GROUP, GROUP * sizeof(uint32_t));
    }
}

static void scan_batch(struct minnow_scan *scan, size_t block_number, size_t first, size_t count) {
    int32_t dots[MINNOW_BATCH] = {0};
    uint32_t kept[MINNOW_BATCH], still[MINNOW_BATCH];
    const struct minnow_index *index = scan->index;
    const struct minnow_block *block = index->cache.blocks[block_number];
    struct minnow_limit limit = minnow_scan_limit(scan, &scan->top, 3);
    minnow_prefetch(block->bounds[MINNOW_BOUND_3] + first, count * sizeof(uint32_t)); /* while the dots are made */
    size_t groups = (count + GROUP - 1) / GROUP, plane = first / GROUP * block->stripes * LINE;
    index->kernels.dots_u1(index->query, block->sign + plane, groups, block->stripes, dots);
    index->kernels.dots_u2(index->query, block->middle + 2 * plane, groups, block->stripes, dots);
    size_t found = index->kernels.select(dots, block->bounds[MINNOW_BOUND_3] + first, count, &limit, kept);
    if (!found) return;
    if (found < count / 4) prefetch_groups(block, first, kept, found);
    found = refine(scan, block, first, count, dots, kept, found, still);
    minnow_scan_rescore(scan, block, first, dots, still, found);
}

void minnow_scan_visit(struct minnow_scan *scan, minnow_visit_fn *visit) {
    const struct minnow_cache *cache = &scan->index->cache;
    size_t left = (size_t)minnow_cache_count(cache);
    for (size_t b = 0; left; b++) {
        size_t rows = cache->blocks[b]->rows < left ? cache->blocks[b]->rows : left;
        for (size_t first = 0; first < rows; first += MINNOW_BATCH)
            visit(scan, b, first, rows - first < MINNOW_BATCH ? rows - first : MINNOW_BATCH);
        left -= rows;
    }
}

void minnow_scan_run(struct minnow_scan *scan, unsigned flags) {
    if (!(flags & MINNOW_APPROXIMATE) || !minnow_scan_guess(scan)) minnow_scan_visit(scan, scan_batch);
    minnow_top_k_sort(&scan->top);
}

size_t minnow_scan(const struct minnow_index *index, float query_scale, unsigned flags, size_t k,
                   struct minnow_hit *hits) {
    struct minnow_scan scan = minnow_scan_begin(index, query_scale, k, hits);
    if (k) minnow_scan_run(&scan, flags);
    return scan.top.count;
}
