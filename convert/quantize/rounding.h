/* Numbers to 8 bits, symmetric, and to groups of 4 bits. */
#ifndef MINNOW_ROUNDING_H
#define MINNOW_ROUNDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values that weights may take: scale[output] * q. */
struct minnow_grid {
    const float *scale;   /* [outputs] */
    const uint8_t *steps; /* s4: [outputs][MINNOW_GROUPS(inputs)], as in kernels.h; NULL: any s8 q in [-127, 127] */
};

/* The scale for which rounding `count` values to [-127, 127] leaves the least squared error; 0 for values
 * that are all zero. */
float minnow_best_scale(const float *values, size_t count);
/* q = clamp(rint(value / scale)). */
void minnow_round_s8(const float *values, size_t count, float scale, int8_t *out);

/* The scale, and a step for each group of the `count` values, that leave about the least squared error. */
float minnow_best_steps(const float *values, size_t count, uint8_t *steps);
/* The scale and steps of values that 4 bits hold as they are, each within 1/256 of a level (they may have been through
 * a rotation and back); false: these are no such values. */
bool minnow_exact_steps(const float *values, size_t count, uint8_t *steps, float *scale);
/* The q of the level nearest to value, for a step that multiplies: scale > 0. */
float minnow_round_to_step(float value, float scale, uint8_t step);
/* q of each value. */
void minnow_round_s4(const float *values, size_t count, float scale, const uint8_t *steps, int8_t *out);
/* The code of 4 bits whose weight is q, one that the step has. */
uint8_t minnow_s4_code(int8_t q, uint8_t step);

#endif
