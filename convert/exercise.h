/* A model put through its paces on some texts: what calibration watches, and what two models are compared by. */
#ifndef MINNOW_EXERCISE_H
#define MINNOW_EXERCISE_H

#include "convert/progress.h"
#include "runtime/model/model.h"

/* Vectors of the texts as documents, and as queries where those are treated differently, one a text or one a token; or
 * scores of pairs of texts, where only pairs have a result. */
struct minnow_exercise {
    float *numbers; /* [count][width]; to be freed */
    size_t count, width;
};

/* `stage` is for `progress`. */
enum minnow_status minnow_exercise_run(struct minnow_session *session, const struct minnow_contents *contents,
                                       const struct minnow_text *texts, size_t count, const char *stage,
                                       const struct minnow_progress *progress, struct minnow_exercise *exercise,
                                       struct minnow_error *error);

#endif
