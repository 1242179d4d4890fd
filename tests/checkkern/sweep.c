/* Every residue around the tile sizes, and the shapes of real models. */
#include "tests/checkkern/check.h"

enum {
    SWEEP_ROWS = 9, /* of ops of two dimensions */
    SWEEP_COLUMNS = 150,
    LEAST_TILES = 2,     /* of each side, and one more than that: of ops of three dimensions */
    LEAST_ROWS = 25,     /* tiles of 12 are the largest of ops that do not tell */
    LEAST_OUTPUTS = 161, /* one row alone is computed 128 outputs at a time */
    LEAST_INPUTS = 70,
    FILLS_A_SHAPE = 2, /* all fills meet every residue all the same */
    SHAPES = 12000,
    QUICK_STEP = 29, /* of two dimensions */
    QUICK_SHAPES = 1500
};

static const struct shape large[] = {{1, 384, 384},  {5, 384, 1536}, {9, 1536, 384}, {17, 384, 384},
                                     {67, 20, 1600}, {130, 48, 100}, {13, 100, 1000}, {64, 33, 513}};

static void count(struct tally *tally, const struct subject *subject, struct shape shape, enum fill fill) {
    if (trial_passes(subject, shape, fill))
        tally->passed++;
    else
        tally->failed++;
}

static void large_shapes(struct tally *tally, const struct subject *subject, bool quick) {
    size_t step = quick ? 4 : 1;
    for (size_t i = 0; i < sizeof large / sizeof *large; i += step)
        for (size_t fill = i % step; fill < FILL_COUNT; fill += step) count(tally, subject, large[i], (enum fill)fill);
}

static void two_dimensions(struct tally *tally, const struct subject *subject, size_t step) {
    size_t all = (size_t)SWEEP_ROWS * SWEEP_COLUMNS * FILL_COUNT;
    for (size_t i = 0; i < all; i += step) {
        size_t fill = i % FILL_COUNT, columns = i / FILL_COUNT % SWEEP_COLUMNS;
        struct shape shape = {i / FILL_COUNT / SWEEP_COLUMNS + 1, columns + 1, 0};
        count(tally, subject, shape, (enum fill)fill);
    }
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t common_divisor(size_t a, size_t b) { return b ? common_divisor(b, a % b) : a; }

static struct shape limits(const struct minnow_kernels *kernels) {
    const struct minnow_gemm_s8 *gemm = &kernels->gemm_s8;
    return (struct shape){.rows = larger(LEAST_ROWS, LEAST_TILES * gemm->mr + 1),
                          .outputs = larger(LEAST_OUTPUTS, LEAST_TILES * gemm->nr + 1),
                          .inputs = larger(LEAST_INPUTS, LEAST_TILES * gemm->kr + 1)};
}

/* A sample of the box: its step has no divisor in common with the sides, so that every pair of rows and outputs
 * comes up again and again, each time with other inputs and fills. */
static void three_dimensions(struct tally *tally, const struct subject *subject, size_t shapes) {
    struct shape limit = limits(subject->kernels);
    size_t all = limit.rows * limit.outputs * limit.inputs, step = larger(all / shapes, 1);
    while (common_divisor(all, step) > 1) step++;
    for (size_t i = 0; i < all; i += step) {
        struct shape shape = {i % limit.rows + 1, i / limit.rows % limit.outputs + 1,
                              i / limit.rows / limit.outputs + 1};
        struct random any = {i};
        size_t fill = random_below(&any, FILL_COUNT);
        for (size_t f = 0; f < FILLS_A_SHAPE; f++)
            count(tally, subject, shape, (enum fill)((fill + f * FILL_COUNT / FILLS_A_SHAPE) % FILL_COUNT));
    }
}

struct tally sweep(const struct subject *subject, bool quick) {
    struct tally tally = {0, 0};
    if (subject->operation->dimensions == 2)
        two_dimensions(&tally, subject, quick ? QUICK_STEP : 1);
    else
        three_dimensions(&tally, subject, quick ? QUICK_SHAPES : SHAPES);
    large_shapes(&tally, subject, quick);
    return tally;
}
