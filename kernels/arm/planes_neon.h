/* What the ops on bit planes share with NEON: a line is four quarters of four vectors. */
#ifndef MINNOW_PLANES_NEON_H
#define MINNOW_PLANES_NEON_H

#include <arm_neon.h>
#include <string.h>

#include "kernels/kernels.h"

enum { QUARTERS = 4, QUARTER_BYTES = MINNOW_PLANE_LINE / 4, QUARTER_VECTORS = MINNOW_PLANE_VECTORS / 4 };

/* Four columns of the query for every vector. */
static inline int8x16_t load_word(const void *query) {
    int32_t word;
    memcpy(&word, query, sizeof word);
    return vreinterpretq_s8_s32(vdupq_n_s32(word));
}

/* out = 2^bits * out + sum, for four vectors. */
static inline void refine_quarter(int32_t *out, int bits, int32x4_t sum) {
    vst1q_s32(out, vaddq_s32(vshlq_s32(vld1q_s32(out), vdupq_n_s32(bits)), sum));
}

#endif
