/* What the inputs of each linear look like on real texts. */
#ifndef MINNOW_CALIBRATION_H
#define MINNOW_CALIBRATION_H

#include "convert/memory.h"
#include "convert/progress.h"
#include "runtime/session.h"

struct minnow_input_range {
    const struct minnow_linear *linear;
    float *largest; /* [inputs]: largest magnitude seen in each */
};

struct minnow_calibration {
    struct minnow_input_range *ranges;
    size_t count, capacity;
};

/* Encode `texts` in both roles on the f32 model and watch. */
enum minnow_status minnow_calibrate(const struct minnow_model *model, const struct minnow_text *texts, size_t count,
                                    uint32_t threads, const struct minnow_progress *progress,
                                    struct minnow_memory *memory, struct minnow_calibration *calibration,
                                    struct minnow_error *error);
/* NULL for a linear that no text reached. */
const float *minnow_calibration_find(const struct minnow_calibration *calibration, const struct minnow_linear *linear);

#endif
