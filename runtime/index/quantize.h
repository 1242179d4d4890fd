/* One vector as the index keeps it: signed bytes and a scale. */
#ifndef MINNOW_INDEX_QUANTIZE_H
#define MINNOW_INDEX_QUANTIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beyond any real embedding; keeps every score, a product of two scales and a dot, finite. */
#define MINNOW_MAX_SCALE 1e14f

/* q = rint(x * 127 / max|x|), *scale = max|x| / 127; zeros where max|x| is too small to divide by.
 * False when x is not finite or the scale is beyond the limit. */
bool minnow_quantize_vector(const float *x, size_t dimensions, int8_t *q, float *scale);

#endif
