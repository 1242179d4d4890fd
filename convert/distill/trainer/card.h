/* README.md of a student: what it is and how it came about, as a model card. */
#ifndef MINNOW_TRAINER_CARD_H
#define MINNOW_TRAINER_CARD_H

#include "convert/distill/trainer/run.h"

/* malloc'ed; NULL: out of memory. */
char *minnow_card_make(const struct minnow_run *run);

#endif
