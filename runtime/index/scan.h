/* A query on its way through the blocks. */
#ifndef MINNOW_INDEX_SCAN_H
#define MINNOW_INDEX_SCAN_H

#include "runtime/index/store.h"
#include "runtime/index/top_k.h"

/* Rows whose planes are read in one go: 144 KB at 384 dimensions. */
enum { MINNOW_BATCH = 1024 };

struct minnow_scan {
    const struct minnow_index *index;
    float query_scale;
    float norm;  /* of index->query, or a little more */
    int32_t sum; /* of index->query */
    struct minnow_top_k top;
    size_t narrowed, rescored;   /* for measurements: rows whose fourth digit, and whose low ones, were read */
    struct minnow_top_k guesses; /* their documents are places: block * rows of a block + row */
};

/* The lines from `memory` on: a search waits for memory more than for anything else. */
static inline void minnow_prefetch(const void *memory, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)memory + i);
}

struct minnow_scan minnow_scan_begin(const struct minnow_index *index, float query_scale, size_t k,
                                     struct minnow_hit *hits);

/* Search the whole index; top is sorted afterwards. flags: of minnow_search_flags. top.capacity > 0. */
void minnow_scan_run(struct minnow_scan *scan, unsigned flags);

/* Which rows can still enter `top`, by their first `bits` digits. */
struct minnow_limit minnow_scan_limit(const struct minnow_scan *scan, const struct minnow_top_k *top, unsigned bits);

/* Offer rows first + indices[i], of whose digits dots holds the first four: dots[indices[i]]. count <= MINNOW_BATCH */
void minnow_scan_rescore(struct minnow_scan *scan, const struct minnow_block *block, size_t first,
                         const int32_t *dots, const uint32_t *indices, size_t count);

/* Call `visit` for all rows of the index, MINNOW_BATCH or fewer at a time; `first` is a multiple of 16. */
typedef void minnow_visit_fn(struct minnow_scan *scan, size_t block, size_t first, size_t count);
void minnow_scan_visit(struct minnow_scan *scan, minnow_visit_fn *visit);

/* The approximate search (guess.c). False, and nothing is done, when k is too large for it. */
bool minnow_scan_guess(struct minnow_scan *scan);

#endif
