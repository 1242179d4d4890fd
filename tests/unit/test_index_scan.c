/* The exact search gives what comparing with every vector gives, in every bit, on every tier; its bounds hold; the
 * approximate one gives exact scores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "index_fixture.h"
#include "runtime/index/quantize.h"
#include "runtime/index/scan.h"

enum { MOST = 2700, MOST_DIMENSIONS = 384 };

enum kind { RANDOM, CLUSTERED, EXTREME, EQUAL, ZERO, ONE_OFF, SCALES, SORTED, KIND_COUNT };
static const char *const kind_names[] = {"random",  "clustered", "extreme", "equal",
                                         "zero",    "one off",   "scales",  "ascending"};

static struct minnow_error error;

static int8_t random_byte(struct random_state *random) { return (int8_t)(random_below(random, 255) - 127); }

static float random_scale(struct random_state *random) {
    static const float scales[] = {0, 1e-45f, 1e-30f, 0x1p-60f, 1e-10f, 1, 1e10f, MINNOW_MAX_SCALE};
    return scales[random_below(random, sizeof scales / sizeof *scales)];
}

static int8_t value_of(struct random_state *random, enum kind kind, size_t row, size_t column) {
    struct random_state cluster = {row % 7 * 1000 + column};
    int noise = (int)random_below(random, 21) - 10, centre = random_byte(&cluster) / 2;
    switch (kind) {
    case CLUSTERED: return (int8_t)(centre + noise);
    case EXTREME: return random_below(random, 2) ? 127 : -127;
    case EQUAL: return (int8_t)(column % 200) - 100;
    case ZERO: return 0;
    case ONE_OFF: return (int8_t)(63 + (random_below(random, 50) == 0)); /* at the ends of a digit's interval */
    default: return random_byte(random);
    }
}

static void make_row(struct random_state *random, enum kind kind, size_t row, size_t dimensions, int8_t *values,
                     float *scale) {
    for (size_t c = 0; c < dimensions; c++) values[c] = value_of(random, kind, row, c);
    *scale = kind == SCALES ? random_scale(random) : kind == SORTED ? 0.001f * (float)(row + 1) : 0.01f;
    if (kind == SORTED) /* every row is better than the one before */
        for (size_t c = 0; c < dimensions; c++) values[c] = (int8_t)(values[c] / 8 + 100);
}

static void put_rows(struct minnow_index *index, enum kind kind, size_t first, size_t count, uint64_t seed) {
    static struct minnow_document documents[MOST];
    static char ids[MOST][24];
    struct minnow_quantized quantized;
    struct random_state random = {seed};
    size_t dimensions = index->space.dimensions;
    assert_int_equal(minnow_quantized_create(&quantized, count, dimensions, &error), MINNOW_OK);
    for (size_t i = 0; i < count; i++) {
        snprintf(ids[i], sizeof ids[i], "%zu", first + i);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of(""), text_of("")};
        make_row(&random, kind, first + i, dimensions, quantized.values + i * dimensions, &quantized.scales[i]);
    }
    assert_int_equal(minnow_store_put_quantized(index, documents, &quantized, &error), MINNOW_OK);
    minnow_quantized_free(&quantized);
}

/* ---- Comparing with every vector ---------------------------------------------------------- */

static int by_rank(const void *a, const void *b) {
    const struct minnow_hit *x = a, *y = b;
    return minnow_hit_better(*x, *y) ? -1 : minnow_hit_better(*y, *x);
}

static float score_of(const struct minnow_index *index, const struct minnow_block *block, size_t row, float scale) {
    int8_t values[MOST_DIMENSIONS];
    int32_t dot = 0;
    minnow_block_get(block, row, values);
    for (size_t c = 0; c < index->space.dimensions; c++) dot += values[c] * index->query[c];
    return (float)dot * (scale * block->scales[row]);
}

static size_t all_hits(const struct minnow_index *index, float scale, struct minnow_hit *hits) {
    size_t count = (size_t)minnow_cache_count(&index->cache);
    for (size_t i = 0; i < count; i++) {
        const struct minnow_chunk *chunk = &index->cache.chunks[i / MINNOW_CHUNK_SLOTS].memory;
        size_t row = chunk->first + i % MINNOW_CHUNK_SLOTS;
        hits[i] = (struct minnow_hit){chunk->block->documents[row], score_of(index, chunk->block, row, scale)};
    }
    qsort(hits, count, sizeof *hits, by_rank);
    return count;
}

static bool same(struct minnow_hit a, struct minnow_hit b) {
    return a.document == b.document && memcmp(&a.score, &b.score, sizeof a.score) == 0;
}

/* On every tier, for several k. */
static void check_query(struct minnow_index *index, const char *name, float scale) {
    static struct minnow_hit all[MOST], hits[MOST + 10];
    static const size_t ks[] = {0, 1, 10, 100, MOST + 5};
    size_t count = all_hits(index, scale, all);
    struct minnow_kernels kept = index->kernels;
    for (size_t t = 0; minnow_kernels_tier(t); t++) {
        if (!minnow_kernels_choose(&index->kernels, minnow_kernels_tier(t))) continue;
        for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
            size_t found = minnow_scan(index, scale, 0, ks[i], hits);
            assert_int_equal(found, ks[i] < count ? ks[i] : count);
            for (size_t h = 0; h < found; h++)
                if (!same(hits[h], all[h]))
                    fail_msg("%s, %zu x %u, %s, k %zu: hit %zu is %lld (%a), not %lld (%a)", name, count,
                             index->space.dimensions, index->kernels.isa, ks[i], h, (long long)hits[h].document,
                             (double)hits[h].score, (long long)all[h].document, (double)all[h].score);
        }
    }
    index->kernels = kept;
}

/* Queries: random, one of the rows, none at all, all extreme. */
static void check_queries(struct minnow_index *index, enum kind kind, uint64_t seed) {
    static const float scales[] = {0.01f, 1e-25f, 1e-40f, 0, 1e13f};
    struct random_state random = {seed};
    size_t dimensions = index->space.dimensions;
    assert_int_equal(minnow_cache_complete(index, &error), MINNOW_OK);
    for (size_t i = 0; i < 8; i++) {
        for (size_t c = 0; c < dimensions; c++)
            index->query[c] = i == 5   ? 0
                              : i == 6 ? (int8_t)(c % 2 ? 127 : -127)
                              : i % 2  ? value_of(&random, kind, i, c)
                                       : random_byte(&random);
        check_query(index, kind_names[kind], scales[i < 5 ? i : 0]);
    }
}

static void check_index(uint32_t dimensions, size_t count, enum kind kind) {
    struct index_folder folder = index_folder_create(NULL);
    struct minnow_space space = space_of(dimensions);
    struct minnow_index *index;
    assert_int_equal(open_space(folder.index, &space, false, &index, &error), MINNOW_OK);
    put_rows(index, kind, 0, count, 7 * count + dimensions);
    check_queries(index, kind, count);
    minnow_index_close(index);
    index_folder_remove(&folder);
}

static void equals_comparing_with_all(void **state) {
    (void)state;
    static const uint32_t dimensions[] = {1, 31, 32, 33, 100, 384};
    static const size_t counts[] = {1, 17, 300, 1024, 1500};
    for (size_t i = 0; i < (size_t)KIND_COUNT * 6; i++)
        check_index(dimensions[i % 6], counts[(i + i / 6) % 5], (enum kind)(i / 6));
    check_index(384, MOST, RANDOM);
    check_index(384, MOST, CLUSTERED);
    check_index(384, MOST, SORTED);
}

static void remove_some(struct minnow_index *index, struct random_state *random, size_t times) {
    for (size_t i = 0; i < times; i++) {
        char id[24];
        snprintf(id, sizeof id, "%zu", random_below(random, MOST));
        struct minnow_text text = text_of(id);
        assert_int_equal(minnow_index_remove(index, &text, 1, NULL, &error), MINNOW_OK);
    }
}

/* The writer's memory, and that of a reader who refreshes what changed. */
static void follows_changes(void **state) {
    (void)state;
    struct index_folder folder = index_folder_create(NULL);
    struct minnow_space space = space_of(100);
    struct minnow_index *writer, *reader;
    struct random_state random = {5};
    assert_int_equal(open_space(folder.index, &space, false, &writer, &error), MINNOW_OK);
    put_rows(writer, RANDOM, 0, 1200, 1);
    assert_int_equal(open_space(folder.index, &space, true, &reader, &error), MINNOW_OK);
    for (uint64_t round = 0; round < 4; round++) {
        check_queries(writer, RANDOM, round);
        check_queries(reader, RANDOM, round);
        put_rows(writer, round % 2 ? CLUSTERED : SCALES, random_below(&random, 1500), 200, round);
        remove_some(writer, &random, 100);
    }
    minnow_index_close(reader);
    minnow_index_close(writer);
    index_folder_remove(&folder);
}

/* ---- Blocks ------------------------------------------------------------------------------- */

static double widened(uint32_t bound_half) {
    float value;
    bound_half <<= 16;
    memcpy(&value, &bound_half, sizeof value);
    return value;
}

static int digits_middle(int8_t value, int bits) { return 2 * ((value + 128) >> (8 - bits)) - ((1 << bits) - 1); }

/* For the query, and for the worst one: the rest itself. */
static void check_bound(const int8_t *values, const double *query, size_t dimensions, double scale, int bits,
                        uint32_t bound) {
    double dot = 0, guess = 0, square = 0, rest_square = 0, slope = widened(bound & 0xFFFF), rest = widened(bound >> 16);
    for (size_t c = 0; c < dimensions; c++) {
        double middle = digits_middle(values[c], bits), left = scale * values[c] - slope * middle;
        dot += query[c] * scale * values[c];
        guess += query[c] * slope * middle;
        square += query[c] * query[c];
        rest_square += left * left;
    }
    assert_true(sqrt(rest_square) <= rest);
    assert_true(dot <= guess + sqrt(square) * rest);
}

static void bounds_hold(void **state) {
    (void)state;
    enum { ROWS = 64, DIMENSIONS = 100 };
    struct minnow_block *block = minnow_block_create(ROWS, DIMENSIONS, true);
    struct random_state random = {3};
    assert_non_null(block);
    minnow_block_clear(block, 0, ROWS);
    for (size_t i = 0; i < 20000; i++) {
        int8_t values[DIMENSIONS], held[DIMENSIONS];
        double query[DIMENSIONS];
        float scale;
        make_row(&random, (enum kind)(i % KIND_COUNT), i, DIMENSIONS, values, &scale);
        minnow_block_put(block, i % ROWS, values, scale);
        minnow_block_get(block, i % ROWS, held);
        assert_memory_equal(values, held, DIMENSIONS);
        for (size_t c = 0; c < DIMENSIONS; c++) query[c] = i % 3 ? values[c] : random_byte(&random);
        check_bound(values, query, DIMENSIONS, (double)scale, 3, block->bounds[MINNOW_BOUND_3][i % ROWS]);
        check_bound(values, query, DIMENSIONS, (double)scale, 4, block->bounds[MINNOW_BOUND_4][i % ROWS]);
    }
    free(block);
}

/* The query that a vector's bound is tightest for: along what its first digits leave out. */
static void make_tight_query(const int8_t *values, size_t dimensions, int bits, int8_t *query) {
    double vc = 0, cc = 0, largest = 0, rest[MOST_DIMENSIONS];
    for (size_t c = 0; c < dimensions; c++) {
        vc += values[c] * digits_middle(values[c], bits);
        cc += digits_middle(values[c], bits) * digits_middle(values[c], bits);
    }
    for (size_t c = 0; c < dimensions; c++) {
        rest[c] = values[c] - vc / cc * digits_middle(values[c], bits);
        if (fabs(rest[c]) > largest) largest = fabs(rest[c]);
    }
    for (size_t c = 0; c < dimensions; c++) query[c] = (int8_t)lrint(127 * rest[c] / largest);
}

/* An early row is one part in a thousand worse than a late one, whose bound is hardly above its score. */
static void nothing_is_missed_by_a_little(void **state) {
    (void)state;
    enum { ROWS = 1100, EARLY = 3, LATE = 1090, DIMENSIONS = 100 };
    struct index_folder folder = index_folder_create(NULL);
    struct minnow_space space = space_of(DIMENSIONS);
    struct minnow_index *index;
    struct random_state random = {17};
    assert_int_equal(open_space(folder.index, &space, false, &index, &error), MINNOW_OK);
    put_rows(index, ZERO, 0, ROWS, 1);
    assert_int_equal(minnow_cache_complete(index, &error), MINNOW_OK);
    for (size_t i = 0; i < 50; i++) {
        int8_t values[DIMENSIONS];
        for (size_t c = 0; c < DIMENSIONS; c++) values[c] = random_byte(&random);
        minnow_block_put(index->cache.blocks[0], EARLY, values, 0.00999f);
        minnow_block_put(index->cache.blocks[0], LATE, values, 0.01f);
        make_tight_query(values, DIMENSIONS, i % 2 ? 3 : 4, index->query);
        check_query(index, "tight", 0.01f);
    }
    minnow_index_close(index);
    index_folder_remove(&folder);
}

/* ---- The approximate search --------------------------------------------------------------- */

static size_t count_found(const struct minnow_hit *hits, size_t count, const struct minnow_hit *in, size_t in_count) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < in_count; j++) found += same(hits[i], in[j]);
    return found;
}

/* Its hits are hits of the exact search of everything, in order, the same on every tier. */
static size_t guess_on_every_tier(struct minnow_index *index, size_t k) {
    static struct minnow_hit all[MOST], hits[MOST], first[MOST];
    struct minnow_kernels kept = index->kernels;
    size_t count = all_hits(index, 0.01f, all), wanted = k < count ? k : count;
    for (size_t t = 0; minnow_kernels_tier(t); t++) {
        if (!minnow_kernels_choose(&index->kernels, minnow_kernels_tier(t))) continue;
        assert_int_equal(minnow_scan(index, 0.01f, MINNOW_APPROXIMATE, k, hits), wanted);
        if (t == 0) memcpy(first, hits, wanted * sizeof *hits);
        for (size_t i = 0; i < wanted; i++) assert_true(same(hits[i], first[i]));
        for (size_t i = 1; i < wanted; i++) assert_true(minnow_hit_better(hits[i - 1], hits[i]));
        assert_int_equal(count_found(hits, wanted, all, count), wanted);
    }
    index->kernels = kept;
    return count_found(first, wanted, all, wanted);
}

static void approximate_search(void **state) {
    (void)state;
    struct index_folder folder = index_folder_create(NULL);
    struct minnow_space space = space_of(100);
    struct minnow_index *index;
    struct random_state random = {11};
    size_t found = 0;
    assert_int_equal(open_space(folder.index, &space, false, &index, &error), MINNOW_OK);
    put_rows(index, CLUSTERED, 0, 400, 1); /* fewer than are looked at again: exact */
    assert_int_equal(minnow_cache_complete(index, &error), MINNOW_OK);
    for (size_t c = 0; c < 100; c++) index->query[c] = random_byte(&random);
    assert_int_equal(guess_on_every_tier(index, 10), 10);
    assert_int_equal(guess_on_every_tier(index, MOST), 400);
    put_rows(index, RANDOM, 400, MOST - 400, 2);
    assert_int_equal(minnow_cache_complete(index, &error), MINNOW_OK);
    for (size_t i = 0; i < 20; i++) {
        for (size_t c = 0; c < 100; c++) index->query[c] = random_byte(&random);
        found += guess_on_every_tier(index, 10);
    }
    assert_true(found > 180); /* of 200 */
    minnow_index_close(index);
    index_folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_comparing_with_all),
        cmocka_unit_test(follows_changes),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(nothing_is_missed_by_a_little),
        cmocka_unit_test(approximate_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
