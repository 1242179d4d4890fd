/* What the route of documents makes of one: a row, or a row a token. */
#ifndef MINNOW_PART_H
#define MINNOW_PART_H

#include <stdint.h>

/* Rows are floats with stride MINNOW_PADDED(dimensions), or, as an index stores them, bytes [count][dimensions] in
 * [-127, 127] with a scale a row. */
struct minnow_part {
    uint32_t count;
    const float *rows;   /* or NULL: */
    const int8_t *codes;
    const float *scales;
};

#endif
