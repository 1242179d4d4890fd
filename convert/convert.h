/* Checkpoint folder in, model file out. */
#ifndef MINNOW_CONVERT_H
#define MINNOW_CONVERT_H

#include "convert/checkpoint/checkpoint.h"
#include "convert/progress.h"

struct minnow_convert_options {
    const char *checkpoint; /* folder */
    const char *output;     /* model file; appears whole or not at all */
    enum minnow_weight_type weights;
    const char *calibration_path; /* a text a line or JSONL; NULL: the built-in texts */
    struct minnow_checkpoint_options reading;
    uint32_t threads;
    struct minnow_progress progress;
};

/* Cosines compare the written model with the f32 model over the calibration texts. */
struct minnow_convert_report {
    uint64_t file_bytes, parameters;
    uint32_t calibration_texts;
    double mean_cosine, worst_cosine, score_correlation; /* fidelity.h */
};

enum minnow_status minnow_convert(const struct minnow_convert_options *options, struct minnow_convert_report *report,
                                  struct minnow_error *error);

#endif
