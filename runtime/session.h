/* A session: threads, and one arena sized when it is created. */
#ifndef MINNOW_SESSION_H
#define MINNOW_SESSION_H

#include "runtime/layers/layer.h"
#include "runtime/linear_f32.h"
#include "runtime/part.h"

/* What scoring keeps between the routes: of the query, tokens and what its route made of it, and the rows of as many
 * documents as there is room for. Rows have stride MINNOW_PADDED(route's dimensions). */
struct minnow_parts {
    uint32_t *query_ids;   /* [longest query] */
    uint32_t query_tokens; /* of the plain query, where pairs of tokens are scored */
    float *query;          /* [longest query] */
    uint32_t query_rows;
    float *documents;      /* [document_count][document_room] */
    uint32_t *document_rows;
    struct minnow_part *list; /* [document_count] */
    size_t document_count, document_room;
};

struct minnow_session {
    const struct minnow_model *model;
    struct minnow_threads *threads;
    struct minnow_linear_f32 f32;
    struct minnow_observer observer;
    struct minnow_lane *lanes; /* [lane_count] */
    size_t lane_count;         /* 1 for f32 models, whose products divide themselves */
    size_t batch_tokens;       /* that a lane computes at once */
    uint32_t dimensions;       /* of vectors given out; 0: texts have none */
    struct minnow_parts parts; /* of a score under way */
    void *arena;
};

/* Calibration: see the input rows of every linear. NULL ends it. One thread runs meanwhile. */
void minnow_session_observe(struct minnow_session *session, minnow_linear_observer_fn *observe, void *context);

/* A pass of `lane`: alone over its own memory, or (shared) of all lanes together over lane 0's. */
struct minnow_pass minnow_session_pass(struct minnow_session *session, size_t lane, bool shared);

#endif
