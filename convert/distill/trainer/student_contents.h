/* The student as a whole model: where a role stays the teacher's, with the teacher's route for it. */
#ifndef MINNOW_TRAINER_STUDENT_CONTENTS_H
#define MINNOW_TRAINER_STUDENT_CONTENTS_H

#include "convert/distill/trainer/trainer.h"

struct minnow_student_contents {
    struct minnow_contents contents;
    struct minnow_route routes[2];
};

/* Weights stay where they are: they are the network's, as they are at any moment, and the teacher's. */
void minnow_student_contents_make(const struct minnow_trainer *trainer, struct minnow_student_contents *student);

#endif
