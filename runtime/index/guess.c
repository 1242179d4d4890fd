/* The approximate search. The signs of a vector's numbers and its length guess its score (block.h); the best guesses
 * are computed in full. Reads an eighth of the vectors' bytes. */
#include "runtime/index/scan.h"

enum { GROUP = MINNOW_PLANE_VECTORS, LINE = MINNOW_PLANE_LINE };

/* How many guesses are looked at again for each wanted hit, and at least: README.md has the recall. */
enum { GUESSES = 20, LEAST_GUESSES = 200 };

static void guess_batch(struct minnow_scan *scan, size_t block_number, size_t first, size_t count) {
    int32_t dots[MINNOW_BATCH] = {0};
    uint32_t kept[MINNOW_BATCH];
    const struct minnow_index *index = scan->index;
    const struct minnow_block *block = index->cache.blocks[block_number];
    const uint32_t *guesses = block->bounds[MINNOW_BOUND_1] + first;
    struct minnow_limit limit = minnow_scan_limit(scan, &scan->guesses, 1);
    const uint8_t *plane = block->sign + first / GROUP * block->stripes * LINE;
    index->kernels.dots_u1(index->query, plane, (count + GROUP - 1) / GROUP, block->stripes, dots);
    size_t found = index->kernels.select(dots, guesses, count, &limit, kept);
    for (size_t i = 0; i < found; i++) {
        float score = minnow_bound_slope(guesses[kept[i]]) * (float)(2 * dots[kept[i]] + limit.offset);
        minnow_top_k_offer(&scan->guesses, (int64_t)(block_number * block->rows + first + kept[i]),
                           score * scan->query_scale);
    }
}

/* One row's whole score: the planes of its group, then its own low digits. */
static void rescore(struct minnow_scan *scan, size_t place) {
    const struct minnow_index *index = scan->index;
    size_t rows = index->cache.blocks[0]->rows;
    const struct minnow_block *block = index->cache.blocks[place / rows];
    int32_t dots[GROUP] = {0};
    uint32_t lane = (uint32_t)(place % GROUP);
    size_t first = place % rows - lane, plane = first / GROUP * block->stripes * LINE;
    index->kernels.dots_u1(index->query, block->sign + plane, 1, block->stripes, dots);
    index->kernels.dots_u2(index->query, block->middle + 2 * plane, 1, block->stripes, dots);
    index->kernels.dots_u1(index->query, block->fourth + plane, 1, block->stripes, dots);
    minnow_scan_rescore(scan, block, first, dots, &lane, 1);
}

bool minnow_scan_guess(struct minnow_scan *scan) {
    size_t k = scan->top.capacity, wanted = k > LEAST_GUESSES / GUESSES ? k * GUESSES : LEAST_GUESSES;
    if (k > MINNOW_CANDIDATES / GUESSES) return false;
    scan->guesses = (struct minnow_top_k){.hits = scan->index->candidates, .capacity = wanted};
    minnow_scan_visit(scan, guess_batch);
    for (size_t i = 0; i < scan->guesses.count; i++) rescore(scan, (size_t)scan->guesses.hits[i].document);
    return true;
}
