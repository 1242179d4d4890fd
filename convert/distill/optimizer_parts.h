/* What optimizer*.c share. */
#ifndef MINNOW_OPTIMIZER_PARTS_H
#define MINNOW_OPTIMIZER_PARTS_H

#include "convert/distill/optimizer.h"

/* Of one parameter. */
struct minnow_moments {
    float *mean, *square; /* [count] */
    uint32_t *clocks;     /* [rows]: updates so far; NULL for what is no table */
    float factor;         /* of the rate */
};

/* Some numbers of a parameter that is no table. */
struct minnow_piece {
    size_t parameter, first, count;
};

struct minnow_optimizer {
    const struct minnow_network *network;
    struct minnow_optimizer_settings settings;
    struct minnow_moments *moments; /* by parameter */
    struct minnow_piece *pieces;    /* all numbers that are in no table */
    size_t piece_count;
    double *piece_squares; /* [pieces]: sums of squared gradients */
    double **row_squares;  /* by parameter, [touched rows]: the same, of tables */
    uint64_t steps;
    double norm;
    float rate;
};

#endif
