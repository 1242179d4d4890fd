/* A run over contents that lie in memory: what minnow_distill does between its folders. */
#ifndef MINNOW_TRAINER_TRAIN_H
#define MINNOW_TRAINER_TRAIN_H

#include "convert/distill/trainer/run.h"

struct minnow_training {
    const struct minnow_distill_options *options; /* as minnow_settings_check leaves them */
    const struct minnow_contents *teacher;        /* f32, or NULL */
    const struct minnow_contents *student;        /* f32 */
    struct minnow_data_folder *data;              /* texts of score files and those drawn from
                                                     passages are added; its triples are taken out */
    /* The student is better than it was: trainer->network has it. */
    enum minnow_status (*keep)(void *context, struct minnow_run *run, struct minnow_error *error);
    void *context;
};

enum minnow_status minnow_train(const struct minnow_training *training, struct minnow_distill_result *result,
                                struct minnow_error *error);

#endif
