/* The teacher's layer vectors of all queries and passages, made once: it is frozen. */
#ifndef MINNOW_TRAINER_TEACHER_LAYERS_H
#define MINNOW_TRAINER_TEACHER_LAYERS_H

#include "convert/distill/trainer/trainer.h"

/* trainer->teacher_layers. MINNOW_INVALID_ARGUMENT: a teacher without encoder blocks for both roles. */
enum minnow_status minnow_teacher_layers_make(struct minnow_trainer *trainer, struct minnow_error *error);
void minnow_teacher_layers_free(struct minnow_teacher_layers *layers);

#endif
