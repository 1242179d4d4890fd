/* The vectors of some thousand documents in memory, as digits: v + 128 = 128 sign + 32 middle + 16 fourth + low.
 * A search reads the top digits of all vectors, side by side in planes (kernels.h), and the others of few. */
#ifndef MINNOW_INDEX_BLOCK_H
#define MINNOW_INDEX_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What a vector's first digits tell about it. With c the odd numbers 2 (v + 128) / 2^(8 - bits) - (2^bits - 1), the
 * middles of the digits' intervals: scale * v = slope * c + a rest no longer than `rest`, so for any query q
 *     q . (scale * v) <= slope * (q . c) + |q| * rest                          (Cauchy and Schwarz)
 * and 2^-16 of scale * |v| is added to rest, more than any float rounding of these terms takes away. */
enum minnow_bound {
    MINNOW_BOUND_1, /* no bound but a guess, for 1 bit says too little: slope makes it right on average, rest is 0 */
    MINNOW_BOUND_3,
    MINNOW_BOUND_4,
    MINNOW_BOUND_COUNT
};

struct minnow_block {
    size_t rows, dimensions;
    size_t stripes;  /* of 32 dimensions */
    uint8_t *sign;   /* u1 plane of groups of sixteen rows */
    uint8_t *middle; /* u2 plane */
    uint8_t *fourth; /* u1 plane */
    uint8_t *low;    /* u4 rows */
    uint32_t *bounds[MINNOW_BOUND_COUNT]; /* [rows]: two bfloat16, slope in the low half and rest in the high one */
    int64_t *documents;                   /* [rows] */
    float *scales;                        /* [rows] */
};

/* Scales outside of these make no bounds that hold (numbers come near float's ends): their rows, or their queries,
 * are computed in full. 0 is fine. */
#define MINNOW_LEAST_BOUNDED_SCALE 0x1p-60f

static inline float minnow_bound_slope(uint32_t bound) {
    float slope;
    bound <<= 16;
    memcpy(&slope, &bound, sizeof slope);
    return slope;
}

/* Bytes of a block for each row. */
size_t minnow_block_row_bytes(size_t dimensions);
/* rows: a multiple of 16. `large`: ask for huge pages. NULL: out of memory. Owned by the caller, freed by free(). */
struct minnow_block *minnow_block_create(size_t rows, size_t dimensions, bool large);
/* Zero the digits of rows, both multiples of 16. */
void minnow_block_clear(struct minnow_block *block, size_t first, size_t count);
/* values: [dimensions], in [-127, 127]. The document stays. */
void minnow_block_put(struct minnow_block *block, size_t row, const int8_t *values, float scale);
void minnow_block_get(const struct minnow_block *block, size_t row, int8_t *values);

#endif
