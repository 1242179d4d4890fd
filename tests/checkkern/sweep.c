/* Every residue around the tile sizes, and the shapes of real models. */
#include "tests/checkkern/check.h"

enum {
    SWEEP_ROWS = 9,
    SWEEP_OUTPUTS = 49,
    SWEEP_INPUTS = 70,
    SWEEP_COLUMNS = 150, /* of ops of two dimensions */
    FILLS_A_SHAPE = 2,   /* of three dimensions; all fills meet every residue all the same */
    QUICK_STEP = 29
};

static const struct shape large[] = {{1, 384, 384}, {5, 384, 1536}, {9, 1536, 384}, {17, 384, 384}, {130, 48, 100}};

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

static void three_dimensions(struct tally *tally, const struct subject *subject, size_t step) {
    size_t all = (size_t)SWEEP_ROWS * SWEEP_OUTPUTS * SWEEP_INPUTS;
    for (size_t i = 0; i < all; i += step) {
        struct shape shape = {i % SWEEP_ROWS + 1, i / SWEEP_ROWS % SWEEP_OUTPUTS + 1,
                              i / SWEEP_ROWS / SWEEP_OUTPUTS + 1};
        for (size_t f = 0; f < FILLS_A_SHAPE; f++)
            count(tally, subject, shape, (enum fill)((i * FILLS_A_SHAPE + f + i / FILL_COUNT) % FILL_COUNT));
    }
}

struct tally sweep(const struct subject *subject, bool quick) {
    struct tally tally = {0, 0};
    size_t step = quick ? QUICK_STEP : 1;
    if (subject->operation->dimensions == 2)
        two_dimensions(&tally, subject, step);
    else
        three_dimensions(&tally, subject, step);
    large_shapes(&tally, subject, quick);
    return tally;
}
