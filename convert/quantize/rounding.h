/* Numbers to 8 bits, symmetric. */
#ifndef MINNOW_ROUNDING_H
#define MINNOW_ROUNDING_H

#include <stddef.h>
#include <stdint.h>

/* The scale for which rounding `count` values to [-127, 127] leaves the least squared error; 0 for values
 * that are all zero. */
float minnow_best_scale(const float *values, size_t count);
/* q = clamp(rint(value / scale)). */
void minnow_round_s8(const float *values, size_t count, float scale, int8_t *out);

#endif
