/* What the inputs of each linear look like on real texts, seen in two passes over the f32 model:
 * the first measures each input's size, the second sums moments of the rounded inputs. */
#ifndef MINNOW_CALIBRATION_H
#define MINNOW_CALIBRATION_H

#include "convert/memory.h"
#include "convert/progress.h"
#include "runtime/session.h"

struct minnow_linear_statistics {
    const struct minnow_linear *linear;
    size_t rows;             /* seen in each pass */
    double *input_square;    /* mean of x_j^2, [inputs] */
    double *input_mean;      /* of x_j */
    float *multiplier;       /* equalization, [inputs] */
    uint32_t rotation;
    float *moment;           /* sum of r r^T over rounded, rotated inputs r; upper triangle of [inputs][inputs] */
    double *rounded_mean;    /* of r_j */
};

struct minnow_calibration {
    struct minnow_linear_statistics *linears;
    size_t count, capacity;
};

/* Put the model through its paces on `texts` twice (exercise.h). Everything is taken from `memory`. */
enum minnow_status minnow_calibrate(const struct minnow_model *model, const struct minnow_text *texts, size_t count,
                                    uint32_t threads, const struct minnow_progress *progress,
                                    struct minnow_memory *memory, struct minnow_calibration *calibration,
                                    struct minnow_error *error);
/* NULL for a linear that no text reached. */
const struct minnow_linear_statistics *minnow_calibration_find(const struct minnow_calibration *calibration,
                                                               const struct minnow_linear *linear);

#endif
