/* AdamW (arXiv 1711.05101): moments with bias correction, and decay of the weights apart from them.
 *
 * Rows of tables are updated only in steps that look them up, each with a clock of its own, by which its moments are
 * corrected and its weights decay. A vocabulary has tens of thousands of rows, a batch meets a thousand of them: to
 * bring all of them up to date would take longer than the batch, would let words drift on by the momentum of batches
 * they were last seen in, and would wear down rare words that nothing pulls back. */
#ifndef MINNOW_OPTIMIZER_H
#define MINNOW_OPTIMIZER_H

#include <stdio.h>

#include "convert/distill/gradients.h"
#include "convert/distill/schedule.h"
#include "runtime/parallel.h"

/* Of parameters whose name matches a pattern of fnmatch(3): "*.words". 0: they stay as they are. */
struct minnow_rate_factor {
    const char *pattern;
    float factor;
};

struct minnow_optimizer_settings {
    struct minnow_schedule schedule;
    float mean_decay, square_decay; /* of the moments, a step */
    float epsilon;
    float weight_decay;                       /* a step, times the rate; of matrices and tables */
    float largest_norm;                       /* of all gradients together: what is longer is shortened; 0: not so */
    const struct minnow_rate_factor *factors; /* the last that matches counts; copied */
    size_t factor_count;
};

/* Rate 2e-4 without warm-up or decline, moments 0.9 and 0.999, epsilon 1e-8, decay 0.01, norm 1, tables of words twice
 * as fast. */
struct minnow_optimizer_settings minnow_optimizer_defaults(void);

struct minnow_optimizer;

/* Taken from `memory`, as are the settings it keeps. */
enum minnow_status minnow_optimizer_create(const struct minnow_network *network,
                                           const struct minnow_optimizer_settings *settings,
                                           struct minnow_memory *memory, struct minnow_optimizer **optimizer,
                                           struct minnow_error *error);

/* Add up the workers' gradients, in their order, and take a step; all gradients are 0 then. The same bits for any
 * number of threads (NULL: the caller's alone). MINNOW_NOT_FINITE: a gradient is NaN or infinite, the error names the
 * step and the parameter; weights and moments are those of the step before. */
enum minnow_status minnow_optimizer_step(struct minnow_optimizer *optimizer, struct minnow_gradients *workers,
                                         size_t worker_count, struct minnow_threads *threads,
                                         struct minnow_error *error);

/* Steps taken; the norm of the last step's gradients before it was shortened; the rate of the last step. */
uint64_t minnow_optimizer_steps(const struct minnow_optimizer *optimizer);
double minnow_optimizer_norm(const struct minnow_optimizer *optimizer);
float minnow_optimizer_rate(const struct minnow_optimizer *optimizer);

/* The network's weights, moments, clocks and steps, for the same machine to go on with: after load a run goes on in the
 * same bits. MINNOW_INVALID_ARGUMENT: written for another network; then nothing has changed. */
enum minnow_status minnow_optimizer_save(const struct minnow_optimizer *optimizer, FILE *file,
                                         struct minnow_error *error);
enum minnow_status minnow_optimizer_load(struct minnow_optimizer *optimizer, FILE *file, struct minnow_error *error);

#endif
