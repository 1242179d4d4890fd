/* MaxSim search: a query's rows against the rows of every document (kernels.h: late interaction). The rows of both are
 * bytes with a scale a row, so a score is the same on every CPU, with any number of threads. */
#ifndef MINNOW_INDEX_MAXSIM_H
#define MINNOW_INDEX_MAXSIM_H

#include "kernels/kernels.h"
#include "minnow.h"

struct minnow_index;
struct minnow_threads;
struct minnow_document_tokens;

/* A query as kernels read it, and room for each lane's (thread's) work; both grow when a query needs more. */
struct minnow_maxsim {
    size_t rows, room; /* of queries */
    int8_t *packed;
    float *scale, *zeros;
    int32_t *column_sum;
    uint8_t *tables; /* by which rows meet signs, and what goes with them */
    float *sign_scale;
    int32_t *size;
    void *memory; /* of all that */
    float *lanes; /* [lane_count] of products and the best of them */
    size_t lane_count, lane_room;
};

void minnow_maxsim_free(struct minnow_maxsim *maxsim);

/* Take rows [count][stride], where padded rows may be read, as the query of what follows. MINNOW_NOT_FINITE. */
enum minnow_status minnow_maxsim_take(struct minnow_index *index, const float *rows, size_t count, size_t stride,
                                      struct minnow_error *error);

/* The k best of the loaded documents for the query, best first; *found <= k of them. threads: NULL for the caller's
 * alone. flags: of minnow_search_flags; the approximate search guesses by signs and scores the best guesses. */
enum minnow_status minnow_maxsim_search(struct minnow_index *index, struct minnow_threads *threads, unsigned flags,
                                        size_t k, struct minnow_hit *hits, size_t *found, struct minnow_error *error);

/* The score of one document, as a search gives it. */
enum minnow_status minnow_maxsim_score(struct minnow_index *index, const struct minnow_document_tokens *tokens,
                                       float *score, struct minnow_error *error);

#endif
