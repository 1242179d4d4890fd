/* The approximate search. The signs of a vector's numbers and its length guess its score (block.h); the best guesses
 * are computed in full. Reads an eighth of the vectors' bytes. */
#include "runtime/index/scan.h"

enum { GROUP = MINNOW_PLANE_VECTORS, LINE = MINNOW_PLANE_LINE, AHEAD = 4 };

/* How many guesses are looked at again for each wanted hit, and at least: README.md has the recall. */
enum { GUESSES = 50, LEAST_GUESSES = 500 };

static void guess_batch(struct minnow_scan *scan, size_t block_number, size_t first, size_t count) {
    int32_t dots[MINNOW_BATCH] = {0};
    uint32_t kept[MINNOW_BATCH];
    const struct minnow_index *index = scan->index;
    const struct minnow_block *block = index->cache.blocks[block_number];
    const uint32_t *guesses = block->bounds[MINNOW_BOUND_1] + first;
    struct minnow_limit limit = minnow_scan_limit(scan, &scan->guesses, 1);
    minnow_prefetch(guesses, count * sizeof *guesses);
    const uint8_t *plane = block->sign + first / GROUP * block->stripes * LINE;
    index->kernels.dots_u1(index->query, plane, (count + GROUP - 1) / GROUP, block->stripes, dots);
    size_t found = index->kernels.select(dots, guesses, count, &limit, kept);
    for (size_t i = 0; i < found; i++) {
        float score = minnow_bound_slope(guesses[kept[i]]) * (float)(2 * dots[kept[i]] + limit.offset);
        minnow_top_k_offer(&scan->guesses, (int64_t)(block_number * block->rows + first + kept[i]),
                           score * scan->query_scale);
    }
}

/* Where a guess's row is: block, first row of its group, lane in the group. */
struct place {
    const struct minnow_block *block;
    size_t first;
    uint32_t lane;
};

static struct place place_of(const struct minnow_scan *scan, size_t guess) {
    size_t at = (size_t)scan->guesses.hits[guess].document, rows = scan->index->cache.blocks[0]->rows;
    uint32_t lane = (uint32_t)(at % GROUP);
    struct place place = {scan->index->cache.blocks[at / rows], at % rows - lane, lane};
    size_t line_bytes = place.block->stripes * LINE, plane = place.first / GROUP * line_bytes;
    minnow_prefetch(place.block->sign + plane, line_bytes);
    minnow_prefetch(place.block->middle + 2 * plane, 2 * line_bytes);
    minnow_prefetch(place.block->fourth + plane, line_bytes);
    minnow_prefetch(place.block->low + at % rows * line_bytes / 4, line_bytes / 4);
    return place;
}

/* One row's whole score: the planes of its group, then its own low digits. */
static void rescore(struct minnow_scan *scan, struct place place) {
    const struct minnow_index *index = scan->index;
    const struct minnow_block *block = place.block;
    int32_t dots[GROUP] = {0};
    size_t plane = place.first / GROUP * block->stripes * LINE;
    index->kernels.dots_u1(index->query, block->sign + plane, 1, block->stripes, dots);
    index->kernels.dots_u2(index->query, block->middle + 2 * plane, 1, block->stripes, dots);
    index->kernels.dots_u1(index->query, block->fourth + plane, 1, block->stripes, dots);
    minnow_scan_rescore(scan, block, place.first, dots, &place.lane, 1);
}

/* Guesses lie anywhere in memory: the next ones are fetched while one is computed. */
static void rescore_all(struct minnow_scan *scan) {
    struct place places[AHEAD];
    size_t count = scan->guesses.count;
    for (size_t i = 0; i < count + AHEAD; i++) {
        if (i >= AHEAD) rescore(scan, places[i % AHEAD]);
        if (i < count) places[i % AHEAD] = place_of(scan, i);
    }
}

bool minnow_scan_guess(struct minnow_scan *scan) {
    size_t k = scan->top.capacity, wanted = k > LEAST_GUESSES / GUESSES ? k * GUESSES : LEAST_GUESSES;
    if (k > MINNOW_CANDIDATES / GUESSES) return false;
    scan->guesses = (struct minnow_top_k){.hits = scan->index->candidates, .capacity = wanted};
    minnow_scan_visit(scan, guess_batch);
    rescore_all(scan);
    return true;
}
