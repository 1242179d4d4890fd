#include "runtime/index/maxsim.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/index/parts.h"
#include "runtime/index/scan.h"

/* Rows whose products are in the nearest cache when their largest are found, and documents that a lane takes at once. */
enum { PIECE_ROWS = 96, TAKEN_DOCUMENTS = 16, ALIGNMENT = 64 };

/* How many guesses are looked at again for each wanted hit, and at least, of a few documents and of many. A score costs
 * about two guesses, so that a twelfth of all adds but a sixth. README.md has the recall. */
enum { GUESSES = 50, LEAST_GUESSES = 500, SHARE_OF_DOCUMENTS = 12, MOST_SIGN_COLUMNS = 4096 };

void minnow_maxsim_free(struct minnow_maxsim *maxsim) {
    free(maxsim->memory);
    free(maxsim->lanes);
    *maxsim = (struct minnow_maxsim){0};
}

/* ---- The query ---------------------------------------------------------------------------- */

/* The next part of the query's memory; with base NULL it only measures. */
static void *carve(char *base, size_t *used, size_t bytes) {
    void *part = base ? base + *used : NULL;
    *used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return part;
}

static size_t lay_out(struct minnow_maxsim *maxsim, char *base, size_t rows, size_t dimensions) {
    size_t used = 0, padded = MINNOW_PADDED(rows);
    maxsim->packed = carve(base, &used, minnow_packed_s8_bytes(rows, dimensions));
    maxsim->scale = carve(base, &used, padded * sizeof *maxsim->scale);
    maxsim->zeros = carve(base, &used, padded * sizeof *maxsim->zeros);
    maxsim->column_sum = carve(base, &used, padded * sizeof *maxsim->column_sum);
    maxsim->tables = carve(base, &used, rows * MINNOW_SIGN_TABLE_BYTES(dimensions));
    maxsim->sign_scale = carve(base, &used, padded * sizeof *maxsim->sign_scale);
    maxsim->size = carve(base, &used, padded * sizeof *maxsim->size);
    return used;
}

static enum minnow_status reserve_query(struct minnow_index *index, size_t rows, struct minnow_error *error) {
    struct minnow_maxsim *maxsim = &index->maxsim;
    if (maxsim->memory && rows <= maxsim->room) return MINNOW_OK;
    minnow_maxsim_free(maxsim);
    size_t room = MINNOW_PADDED(rows + 1), bytes = lay_out(maxsim, NULL, room, index->space.dimensions);
    maxsim->memory = aligned_alloc(ALIGNMENT, bytes);
    if (!maxsim->memory) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: a query of %zu rows", index->path, rows);
    memset(maxsim->memory, 0, bytes);
    lay_out(maxsim, maxsim->memory, room, index->space.dimensions);
    maxsim->room = room;
    return MINNOW_OK;
}

enum minnow_status minnow_maxsim_take(struct minnow_index *index, const float *rows, size_t count, size_t stride,
                                      struct minnow_error *error) {
    size_t dimensions = index->space.dimensions;
    struct minnow_maxsim *maxsim = &index->maxsim;
    enum minnow_status status = reserve_query(index, count, error);
    if (status != MINNOW_OK) return status;
    maxsim->rows = count;
    for (size_t i = 0; i < count; i++) {
        float scale;
        if (!minnow_quantize_row(rows + i * stride, dimensions, index->moved, &scale))
            return minnow_fail(error, MINNOW_NOT_FINITE, "%s: a query holds NaN, infinity or numbers over 1e14",
                               index->path);
        maxsim->sign_scale[i] = minnow_sign_tables(
            rows + i * stride, dimensions, maxsim->tables + i * MINNOW_SIGN_TABLE_BYTES(dimensions), &maxsim->size[i]);
    }
    if (count)
        index->kernels.pack_rows(rows, stride, count, dimensions, maxsim->packed, maxsim->scale, maxsim->column_sum);
    return MINNOW_OK;
}

/* ---- One document ------------------------------------------------------------------------- */

/* What a lane works in: products [PIECE_ROWS][padded rows of a query], then the best of a piece, and of all. */
static size_t lane_floats(size_t query_rows) { return (PIECE_ROWS + 2) * MINNOW_PADDED(query_rows); }

static void raise_best(const struct minnow_index *index, const struct minnow_token_rows *tokens, size_t first,
                       size_t count, float *lane) {
    const struct minnow_maxsim *maxsim = &index->maxsim;
    size_t dimensions = index->space.dimensions, stride = MINNOW_PADDED(dimensions), width = MINNOW_PADDED(maxsim->rows);
    float *best = lane + (PIECE_ROWS + 1) * width, *found = first ? lane + PIECE_ROWS * width : best;
    const struct minnow_gemm_s8_args args = {.rows = count,
                                             .outputs = maxsim->rows,
                                             .inputs = dimensions,
                                             .a = tokens->codes + first * stride,
                                             .a_stride = stride,
                                             .quantization = tokens->quantization + first,
                                             .weights = maxsim->packed,
                                             .scale = maxsim->scale,
                                             .column_sum = maxsim->column_sum,
                                             .bias = maxsim->zeros,
                                             .out = lane,
                                             .out_stride = width};
    index->kernels.gemm_s8.run(&args);
    index->kernels.max_rows(lane, width, count, maxsim->rows, found);
    for (size_t q = 0; first && q < maxsim->rows; q++) best[q] = found[q] > best[q] ? found[q] : best[q];
}

/* 0 for a document without rows. */
static float score_document(const struct minnow_index *index, const struct minnow_document_tokens *document,
                            float *lane) {
    if (!document->rows || !index->maxsim.rows) return 0;
    struct minnow_token_rows tokens = minnow_token_rows(document, index->space.dimensions);
    for (size_t first = 0; first < document->rows; first += PIECE_ROWS) {
        size_t left = document->rows - first;
        raise_best(index, &tokens, first, left < PIECE_ROWS ? left : PIECE_ROWS, lane);
    }
    const float *best = lane + (PIECE_ROWS + 1) * MINNOW_PADDED(index->maxsim.rows);
    float sum = 0;
    for (size_t q = 0; q < index->maxsim.rows; q++) sum += best[q];
    return sum;
}

static float guess_document(const struct minnow_index *index, const struct minnow_document_tokens *document,
                            float *lane) {
    (void)lane;
    if (!document->rows) return 0;
    const struct minnow_maxsim *maxsim = &index->maxsim;
    const struct minnow_maxsim_u1_args args = {.query_count = maxsim->rows,
                                               .token_count = document->rows,
                                               .columns = index->space.dimensions,
                                               .tables = maxsim->tables,
                                               .scale = maxsim->sign_scale,
                                               .size = maxsim->size,
                                               .tokens = document->memory};
    return index->kernels.maxsim_u1(&args);
}

/* ---- All of them -------------------------------------------------------------------------- */

typedef float document_fn(const struct minnow_index *index, const struct minnow_document_tokens *document, float *lane);

/* Documents whose scores are computed: all of them, or those of guesses, whose numbers are places in the list. */
struct division {
    struct minnow_index *index;
    document_fn *compute;
    const struct minnow_hit *guesses;
    size_t count;
    atomic_size_t next;
};

static const struct minnow_document_tokens *document_at(const struct division *division, size_t i) {
    return &division->index->tokens.documents[division->guesses ? (size_t)division->guesses[i].document : i];
}

/* The next document comes from memory while this one is computed. */
static void fetch(const struct division *division, size_t i) {
    if (i >= division->count) return;
    const struct minnow_document_tokens *document = document_at(division, i);
    size_t dimensions = division->index->space.dimensions;
    size_t bytes = division->compute == guess_document ? minnow_packed_signs_bytes(document->rows, dimensions)
                                                       : minnow_token_rows(document, dimensions).bytes;
    minnow_prefetch(document->memory, document->memory ? bytes : 0);
}

static void compute_scores(void *context, size_t lane) {
    struct division *division = context;
    struct minnow_index *index = division->index;
    float *memory = index->maxsim.lanes + lane * index->maxsim.lane_room;
    size_t first;
    while ((first = atomic_fetch_add(&division->next, TAKEN_DOCUMENTS)) < division->count) {
        size_t end = first + TAKEN_DOCUMENTS < division->count ? first + TAKEN_DOCUMENTS : division->count;
        for (size_t i = first; i < end; i++) {
            fetch(division, i + 1);
            index->tokens.scores[i] = division->compute(index, document_at(division, i), memory);
        }
    }
}

static enum minnow_status reserve_lanes(struct minnow_index *index, size_t lanes, struct minnow_error *error) {
    struct minnow_maxsim *maxsim = &index->maxsim;
    size_t room = lane_floats(maxsim->room);
    if (lanes <= maxsim->lane_count && room == maxsim->lane_room) return MINNOW_OK;
    free(maxsim->lanes);
    maxsim->lanes = aligned_alloc(ALIGNMENT, lanes * room * sizeof *maxsim->lanes);
    maxsim->lane_count = maxsim->lanes ? lanes : 0;
    maxsim->lane_room = room;
    return maxsim->lanes ? MINNOW_OK
                         : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: products of %zu lanes", index->path, lanes);
}

/* The best by `compute`, unsorted; documents are places in the list. */
static void rank(struct division *division, struct minnow_threads *threads, struct minnow_top_k *top) {
    atomic_init(&division->next, 0);
    minnow_threads_run(threads, compute_scores, division);
    for (size_t i = 0; i < division->count; i++) {
        int64_t place = division->guesses ? division->guesses[i].document : (int64_t)i;
        minnow_top_k_offer(top, place, division->index->tokens.scores[i]);
    }
}

/* How many of the best guesses are scored; 0: all documents. */
static size_t guesses_wanted(const struct minnow_index *index, unsigned flags, size_t k) {
    size_t count = index->tokens.count, wanted = count / SHARE_OF_DOCUMENTS;
    if (!(flags & MINNOW_APPROXIMATE) || k > MINNOW_CANDIDATES / GUESSES ||
        index->space.dimensions > MOST_SIGN_COLUMNS)
        return 0;
    if (wanted < LEAST_GUESSES) wanted = LEAST_GUESSES;
    if (wanted < k * GUESSES) wanted = k * GUESSES;
    return wanted < count ? wanted : 0;
}

enum minnow_status minnow_maxsim_search(struct minnow_index *index, struct minnow_threads *threads, unsigned flags,
                                        size_t k, struct minnow_hit *hits, size_t *found, struct minnow_error *error) {
    enum minnow_status status = reserve_lanes(index, minnow_threads_count(threads), error);
    if (status != MINNOW_OK) return status;
    struct division all = {.index = index, .compute = score_document, .count = index->tokens.count};
    struct minnow_top_k top = {.hits = hits, .capacity = k};
    size_t wanted = guesses_wanted(index, flags, k);
    if (wanted) {
        struct minnow_top_k guesses = {.hits = index->tokens.guesses, .capacity = wanted};
        all.compute = guess_document;
        rank(&all, threads, &guesses);
        all = (struct division){index, score_document, guesses.hits, guesses.count, 0};
    }
    rank(&all, threads, &top);
    minnow_top_k_sort(&top);
    for (size_t i = 0; i < top.count; i++) hits[i].document = index->tokens.documents[hits[i].document].document;
    *found = top.count;
    return MINNOW_OK;
}

enum minnow_status minnow_maxsim_score(struct minnow_index *index, const struct minnow_document_tokens *tokens,
                                       float *score, struct minnow_error *error) {
    enum minnow_status status = reserve_lanes(index, 1, error);
    if (status == MINNOW_OK) *score = score_document(index, tokens, index->maxsim.lanes);
    return status;
}
