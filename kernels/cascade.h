/* What an architecture adds to the reference: its tiers, lowest first. */
#ifndef MINNOW_CASCADE_H
#define MINNOW_CASCADE_H

#include "kernels/kernels.h"

struct minnow_tier {
    const char *isa;
    _Bool (*present)(void);                      /* does this CPU have it? */
    void (*improve)(struct minnow_kernels *kernels); /* replace what this tier does better */
};

/* The architecture this build is for; ends with isa NULL. */
extern const struct minnow_tier minnow_tiers[];

#endif
