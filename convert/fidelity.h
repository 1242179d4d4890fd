/* How close one model's vectors are to another's. */
#ifndef MINNOW_FIDELITY_H
#define MINNOW_FIDELITY_H

#include "convert/progress.h"
#include "minnow.h"

struct minnow_fidelity {
    double mean_cosine, worst_cosine;
    double score_correlation; /* Pearson's, where a model scores pairs; the cosines are 0 then */
};

/* Compare what the two models make of the texts (exercise.h). They differ in their weights alone. */
enum minnow_status minnow_measure_fidelity(const struct minnow_model *reference, const struct minnow_model *model,
                                           const struct minnow_text *texts, size_t count, uint32_t threads,
                                           const struct minnow_progress *progress, struct minnow_fidelity *fidelity,
                                           struct minnow_error *error);

#endif
