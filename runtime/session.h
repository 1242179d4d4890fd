/* A session: one arena, sized when it is created. */
#ifndef MINNOW_SESSION_H
#define MINNOW_SESSION_H

#include "runtime/layers/layer.h"

struct minnow_session {
    const struct minnow_model *model;
    struct minnow_threads *threads;
    struct minnow_linear_runner linears;
    struct minnow_pass pass;
    size_t batch_tokens;
    uint32_t *ids, *positions;     /* [batch_tokens + longest text] */
    struct minnow_span *spans;     /* [batch_tokens] */
    void *arena;
};

/* Calibration: see the input rows of every linear. NULL ends it. */
void minnow_session_observe(struct minnow_session *session, minnow_linear_observer_fn *observe, void *context);

#endif
