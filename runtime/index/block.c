#include "runtime/index/block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "runtime/huge_pages.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words of four columns are read as one number");

enum { STRIPE = MINNOW_PLANE_COLUMNS, LINE = MINNOW_PLANE_LINE, GROUP = MINNOW_PLANE_VECTORS, HEADER_BYTES = 128 };
enum { ALIGNMENT = 64, LARGE_ALIGNMENT = 1 << 21 };

_Static_assert(sizeof(struct minnow_block) <= HEADER_BYTES, "the block's own struct begins its memory");

/* ---- Memory ------------------------------------------------------------------------------- */

static size_t stripes_of(size_t dimensions) { return (dimensions + STRIPE - 1) / STRIPE; }

size_t minnow_block_row_bytes(size_t dimensions) {
    return stripes_of(dimensions) * STRIPE + MINNOW_BOUND_COUNT * sizeof(uint32_t) + sizeof(int64_t) + sizeof(float);
}

/* rows: a multiple of 16, so every part begins at a multiple of 64 bytes. */
static void place_parts(struct minnow_block *block) {
    size_t plane = block->rows / GROUP * block->stripes * LINE;
    block->sign = (uint8_t *)block + HEADER_BYTES;
    block->middle = block->sign + plane;
    block->fourth = block->middle + 2 * plane;
    block->low = block->fourth + plane;
    block->documents = (int64_t *)(void *)(block->low + 4 * plane);
    block->bounds[0] = (uint32_t *)(void *)(block->documents + block->rows);
    for (size_t i = 1; i < MINNOW_BOUND_COUNT; i++) block->bounds[i] = block->bounds[i - 1] + block->rows;
    block->scales = (float *)(void *)(block->bounds[MINNOW_BOUND_COUNT - 1] + block->rows);
}

struct minnow_block *minnow_block_create(size_t rows, size_t dimensions, bool large) {
    size_t alignment = large ? LARGE_ALIGNMENT : ALIGNMENT;
    size_t bytes = HEADER_BYTES + rows * minnow_block_row_bytes(dimensions);
    bytes = (bytes + alignment - 1) / alignment * alignment;
    struct minnow_block *block = aligned_alloc(alignment, bytes);
    if (!block) return NULL;
    if (large) minnow_ask_for_huge_pages(block, bytes);
    *block = (struct minnow_block){.rows = rows, .dimensions = dimensions, .stripes = stripes_of(dimensions)};
    place_parts(block);
    return block;
}

void minnow_block_clear(struct minnow_block *block, size_t first, size_t count) {
    size_t line_bytes = block->stripes * LINE, group = first / GROUP, groups = count / GROUP;
    memset(block->sign + group * line_bytes, 0, groups * line_bytes);
    memset(block->middle + group * line_bytes * 2, 0, groups * line_bytes * 2);
    memset(block->fourth + group * line_bytes, 0, groups * line_bytes);
    memset(block->low + group * line_bytes * 4, 0, groups * line_bytes * 4);
}

/* ---- Digits: four columns at a time, as one number ----------------------------------------- */

static uint32_t load_word(const void *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

static void store_word(void *to, uint32_t word) { memcpy(to, &word, sizeof word); }

/* Where a row's words of one stripe are. */
struct place {
    uint8_t *sign, *middle, *fourth, *low;
};

static struct place place_of(const struct minnow_block *block, size_t row, size_t stripe) {
    size_t line = row / GROUP * block->stripes + stripe, word = row % GROUP * sizeof(uint32_t);
    return (struct place){block->sign + line * LINE + word, block->middle + 2 * line * LINE + word,
                          block->fourth + line * LINE + word, block->low + (row * block->stripes + stripe) * 16};
}

static void put_stripe(const struct place *to, const int8_t values[STRIPE]) {
    uint32_t sign = 0, middle[2] = {0}, fourth = 0, low[4] = {0};
    for (unsigned j = 0; j < 8; j++) {
        uint32_t number = load_word(values + 4 * j) ^ 0x80808080u; /* v + 128 */
        sign |= (number >> 7 & 0x01010101u) << j;
        middle[j / 4] |= (number >> 5 & 0x03030303u) << 2 * (j % 4);
        fourth |= (number >> 4 & 0x01010101u) << j;
        low[j % 4] |= (number & 0x0F0F0F0Fu) << 4 * (j / 4);
    }
    store_word(to->sign, sign);
    store_word(to->fourth, fourth);
    for (size_t i = 0; i < 2; i++) store_word(to->middle + i * LINE, middle[i]);
    memcpy(to->low, low, sizeof low);
}

static void get_stripe(const struct place *from, int8_t values[STRIPE]) {
    uint32_t sign = load_word(from->sign), fourth = load_word(from->fourth);
    for (unsigned j = 0; j < 8; j++) {
        uint32_t middle = load_word(from->middle + j / 4 * LINE), low = load_word(from->low + 4 * (j % 4));
        uint32_t number = (sign >> j & 0x01010101u) << 7 | (middle >> 2 * (j % 4) & 0x03030303u) << 5 |
                          (fourth >> j & 0x01010101u) << 4 | (low >> 4 * (j / 4) & 0x0F0F0F0Fu);
        store_word(values + 4 * j, number ^ 0x80808080u);
    }
}

static size_t width_of(const struct minnow_block *block, size_t stripe) {
    size_t rest = block->dimensions - stripe * STRIPE;
    return rest < STRIPE ? rest : STRIPE;
}

void minnow_block_get(const struct minnow_block *block, size_t row, int8_t *values) {
    for (size_t s = 0; s < block->stripes; s++) {
        int8_t stripe[STRIPE];
        struct place place = place_of(block, row, s);
        get_stripe(&place, stripe);
        memcpy(values + s * STRIPE, stripe, width_of(block, s));
    }
}

/* ---- Bounds ------------------------------------------------------------------------------- */

static uint32_t float_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Of non-negative numbers. A little too large is fine, too small is not: one more than cutting off gives. */
static uint32_t upper_half_above(double value) { return (float_bits((float)value) >> 16) + 1; }
static uint32_t upper_half_near(double value) { return (float_bits((float)value) + 0x8000u) >> 16; }

struct sums {
    int32_t vv, vc, cc;
};

/* At most 127^2 a dimension: room for 2^17 dimensions. */
static struct sums sums_of(const int8_t *values, size_t count, int bits) {
    struct sums sums = {0};
    for (size_t i = 0; i < count; i++) {
        int32_t v = values[i], c = 2 * ((v + 128) >> (8 - bits)) - ((1 << bits) - 1);
        sums.vv += v * v;
        sums.vc += v * c;
        sums.cc += c * c;
    }
    return sums;
}

/* slope = scale * v.c / c.c leaves the shortest rest; what rounding it to bfloat16 leaves counts as rest. */
static uint32_t bound_of(struct sums sums, double scale) {
    if (scale == 0 || sums.vv == 0) return 0;
    if (scale < (double)MINNOW_LEAST_BOUNDED_SCALE) return 0x7F80u << 16; /* infinite */
    uint32_t half = upper_half_near(scale * sums.vc / sums.cc);
    double slope = minnow_bound_slope(half);
    double square = scale * scale * sums.vv - 2 * scale * slope * sums.vc + slope * slope * sums.cc;
    double rest = sqrt(square > 0 ? square : 0) + 0x1p-16 * scale * sqrt(sums.vv);
    return upper_half_above(rest) << 16 | half;
}

/* q . (scale * v) is near scale * v.v / v.c times q.c, for c is v with errors that go any way. */
static uint32_t guess_of(struct sums sums, double scale) {
    return sums.vc ? upper_half_near(scale * sums.vv / sums.vc) : 0;
}

void minnow_block_put(struct minnow_block *block, size_t row, const int8_t *values, float scale) {
    for (size_t s = 0; s < block->stripes; s++) {
        int8_t stripe[STRIPE] = {0};
        memcpy(stripe, values + s * STRIPE, width_of(block, s));
        struct place place = place_of(block, row, s);
        put_stripe(&place, stripe);
    }
    block->scales[row] = scale;
    block->bounds[MINNOW_BOUND_1][row] = guess_of(sums_of(values, block->dimensions, 1), scale);
    block->bounds[MINNOW_BOUND_3][row] = bound_of(sums_of(values, block->dimensions, 3), scale);
    block->bounds[MINNOW_BOUND_4][row] = bound_of(sums_of(values, block->dimensions, 4), scale);
}
