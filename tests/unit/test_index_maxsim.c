/* MaxSim search against plain loops: every tier, any number of threads, what is added, replaced and removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/unit/parts_fixture.h"

enum { DIMENSIONS = 20, STRIDE = 32, QUERY_ROWS = 37, DOCUMENTS = 400 };

static struct index_folder folder;
static struct minnow_error error;

#define must(call)                                                                                                     \
    do {                                                                                                               \
        if ((call) != MINNOW_OK) fail_msg("%s", error.message);                                                        \
    } while (0)

static int set_up(void **state) {
    (void)state;
    folder = index_folder_create(NULL);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    index_folder_remove(&folder);
    return 0;
}

static struct minnow_index *open_here(const char *isa, bool read_only) {
    struct minnow_space space = space_of_parts(DIMENSIONS, MINNOW_MAXSIM);
    struct minnow_store_options options = {.space = &space, .read_only = read_only};
    struct minnow_kernels kernels;
    struct minnow_index *index;
    if (!minnow_kernels_choose(&kernels, isa)) return NULL;
    must(minnow_store_open(folder.index, &options, &kernels, &index, &error));
    return index;
}

static void random_query(uint64_t seed, float rows[QUERY_ROWS][STRIDE]) {
    struct random_state random = {seed};
    memset(rows, 0, QUERY_ROWS * sizeof *rows);
    for (size_t i = 0; i < QUERY_ROWS; i++) random_vector(&random, rows[i], DIMENSIONS);
}

/* ---- Plain loops --------------------------------------------------------------------------- */

static float largest(const float *row) {
    float max = 0;
    for (size_t i = 0; i < DIMENSIONS; i++) max = fmaxf(max, fabsf(row[i]));
    return max;
}

/* Of the rows as they are in the file. */
static float plain_score(sqlite3_stmt *part, float query[QUERY_ROWS][STRIDE]) {
    size_t rows = (size_t)sqlite3_column_bytes(part, 2) / sizeof(float);
    const uint8_t *scales = sqlite3_column_blob(part, 2);
    const int8_t *codes = sqlite3_column_blob(part, 3);
    float sum = 0;
    for (size_t q = 0; q < QUERY_ROWS && rows; q++) {
        float max = largest(query[q]), best = -INFINITY;
        for (size_t r = 0; r < rows; r++) {
            int dot = 0;
            float scale;
            for (size_t i = 0; i < DIMENSIONS; i++)
                dot += (int)rintf(query[q][i] * (127 / max)) * codes[r * DIMENSIONS + i];
            memcpy(&scale, scales + r * sizeof scale, sizeof scale);
            best = fmaxf(best, (float)dot * (scale * (max / 127)));
        }
        sum += best;
    }
    return sum;
}

static int by_score(const void *a, const void *b) {
    const struct minnow_hit *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return (x->document > y->document) - (x->document < y->document);
}

/* Every document, best first; returns how many. */
static size_t plain_search(struct minnow_index *index, float query[QUERY_ROWS][STRIDE], struct minnow_hit *hits) {
    sqlite3_stmt *part;
    size_t count = 0;
    assert_int_equal(sqlite3_prepare_v2(index->database, "SELECT * FROM parts", -1, &part, NULL), SQLITE_OK);
    while (sqlite3_step(part) == SQLITE_ROW)
        hits[count++] = (struct minnow_hit){sqlite3_column_int64(part, 0), plain_score(part, query)};
    sqlite3_finalize(part);
    qsort(hits, count, sizeof *hits, by_score);
    return count;
}

static void expect_hits(const struct minnow_hit *found, const struct minnow_hit *expected, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(found[i].document, expected[i].document);
        assert_memory_equal(&found[i].score, &expected[i].score, sizeof(float));
    }
}

static void expect_plain(struct minnow_index *index, struct minnow_threads *threads, uint64_t seed) {
    static struct minnow_hit expected[2 * DOCUMENTS], hits[2 * DOCUMENTS];
    float query[QUERY_ROWS][STRIDE];
    random_query(seed, query);
    size_t there = plain_search(index, query, expected), found;
    static const size_t wanted[] = {1, 10, 2 * DOCUMENTS};
    for (size_t i = 0; i < 3; i++) {
        must(search_rows(index, threads, query[0], QUERY_ROWS, "", wanted[i], 0, hits, &found, &error));
        assert_int_equal(found, wanted[i] < there ? wanted[i] : there);
        expect_hits(hits, expected, found);
    }
}

/* ---- Tests --------------------------------------------------------------------------------- */

static void equals_plain_loops_on_every_tier(void **state) {
    (void)state;
    struct minnow_index *writer = open_here(NULL, false);
    must(put_random_parts(writer, 0, DOCUMENTS, 1, &error));
    minnow_index_close(writer);
    const char *tier;
    for (size_t i = 0; (tier = minnow_kernels_tier(i)); i++) {
        struct minnow_index *index = open_here(tier, true);
        if (!index) continue;
        for (uint64_t seed = 2; seed < 5; seed++) expect_plain(index, NULL, seed);
        minnow_index_close(index);
    }
}

static void threads_change_nothing(void **state) {
    (void)state;
    struct minnow_index *index = open_here(NULL, false);
    struct minnow_threads *threads = minnow_threads_create(3);
    must(put_random_parts(index, 0, DOCUMENTS, 6, &error));
    for (uint64_t seed = 7; seed < 10; seed++) expect_plain(index, threads, seed);
    minnow_threads_close(threads);
    minnow_index_close(index);
}

/* A query of fewer and of more rows than the one before, and of none. */
static void queries_of_any_length(void **state) {
    (void)state;
    struct minnow_index *index = open_here(NULL, false);
    struct minnow_hit hits[DOCUMENTS], alone[DOCUMENTS];
    float query[QUERY_ROWS][STRIDE];
    size_t found;
    random_query(11, query);
    must(put_random_parts(index, 0, DOCUMENTS, 12, &error));
    must(search_rows(index, NULL, query[0], 3, "", DOCUMENTS, 0, alone, &found, &error));
    must(search_rows(index, NULL, query[0], QUERY_ROWS, "", 5, 0, hits, &found, &error));
    must(search_rows(index, NULL, query[0], 3, "", DOCUMENTS, 0, hits, &found, &error));
    expect_hits(hits, alone, DOCUMENTS);
    must(search_rows(index, NULL, query[0], 0, "", DOCUMENTS, 0, hits, &found, &error));
    for (size_t i = 0; i < DOCUMENTS; i++) assert_true(hits[i].document == (int64_t)i + 1 && hits[i].score == 0);
    must(search_rows(index, NULL, query[0], 3, "", 0, 0, NULL, &found, &error));
    assert_int_equal(found, 0);
    minnow_index_close(index);
}

/* One connection writes, another follows, the writer itself too; a fresh one sees the same. */
static void memory_follows_the_file(void **state) {
    (void)state;
    struct minnow_index *writer = open_here(NULL, false), *reader = open_here(NULL, true);
    struct random_state random = {13};
    for (size_t round = 0; round < 12; round++) {
        char id[24];
        size_t removed;
        must(put_random_parts(writer, random_below(&random, DOCUMENTS), 30, random_next(&random), &error));
        for (size_t i = 0; i < 5; i++) {
            snprintf(id, sizeof id, "%zu", random_below(&random, DOCUMENTS));
            must(minnow_index_remove(writer, &(struct minnow_text){id, strlen(id)}, 1, &removed, &error));
        }
        if (round % 3 == 0) expect_plain(writer, NULL, round);
        expect_plain(reader, NULL, round);
        assert_true(parts_are_sound(writer));
    }
    minnow_index_close(reader);
    minnow_index_close(writer);
}

static void failed_writes_leave_everything(void **state) {
    (void)state;
    struct minnow_index *index = open_here(NULL, false);
    must(put_random_parts(index, 0, 50, 14, &error));
    expect_plain(index, NULL, 15);
    sqlite3_exec(index->database, "PRAGMA max_page_count = 20", NULL, NULL, NULL);
    assert_int_equal(put_random_parts(index, 20, 200, 16, &error), MINNOW_IO);
    assert_true(parts_are_sound(index));
    expect_plain(index, NULL, 15);
    sqlite3_exec(index->database, "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
    must(put_random_parts(index, 20, 200, 16, &error));
    expect_plain(index, NULL, 15);
    minnow_index_close(index);
}

static void removing_frees_space(void **state) {
    (void)state;
    struct minnow_index *index = open_here(NULL, false);
    static char ids[DOCUMENTS][8];
    struct minnow_text texts[DOCUMENTS];
    size_t removed;
    int64_t empty = file_size(folder.index);
    must(put_random_parts(index, 0, DOCUMENTS, 17, &error));
    assert_true(file_size(folder.index) > empty + 100000);
    for (size_t i = 0; i < DOCUMENTS; i++) {
        snprintf(ids[i], sizeof ids[i], "%zu", i);
        texts[i] = text_of(ids[i]);
    }
    must(minnow_index_remove(index, texts, DOCUMENTS, &removed, &error));
    assert_int_equal(removed, DOCUMENTS);
    assert_true(file_size(folder.index) <= empty + 8192);
    expect_plain(index, NULL, 18);
    minnow_index_close(index);
}

/* Rows that are near the query's, with noise, in some documents among many. */
static void plant(struct minnow_index *index, float query[QUERY_ROWS][STRIDE], size_t number) {
    static float rows[QUERY_ROWS][DIMENSIONS];
    struct random_state random = {number};
    char id[24];
    for (size_t q = 0; q < QUERY_ROWS; q++) {
        random_vector(&random, rows[q], DIMENSIONS);
        for (size_t i = 0; i < DIMENSIONS; i++) rows[q][i] = query[q][i] + 0.7f * rows[q][i];
    }
    snprintf(id, sizeof id, "planted %zu", number);
    must(put_rows(index, id, "text", rows[0], QUERY_ROWS, &error));
}

/* More documents than are scored after the guesses. */
static void approximate_search_scores_exactly(void **state) {
    (void)state;
    enum { MANY = 1500, PLANTED = 10 };
    static struct minnow_hit exact[MANY + PLANTED];
    struct minnow_index *index = open_here(NULL, false);
    struct minnow_hit hits[100];
    float query[QUERY_ROWS][STRIDE];
    size_t found, all;
    random_query(19, query);
    must(put_random_parts(index, 0, MANY, 20, &error));
    for (size_t i = 0; i < PLANTED; i++) plant(index, query, i);
    must(search_rows(index, NULL, query[0], QUERY_ROWS, "", MANY + PLANTED, 0, exact, &all, &error));
    must(search_rows(index, NULL, query[0], QUERY_ROWS, "", PLANTED, MINNOW_APPROXIMATE, hits, &found, &error));
    assert_int_equal(found, PLANTED);
    expect_hits(hits, exact, PLANTED);
    for (size_t i = 0; i < PLANTED; i++) assert_true(hits[i].document > MANY);
    must(search_rows(index, NULL, query[0], QUERY_ROWS, "", 80, MINNOW_APPROXIMATE, hits, &found, &error));
    assert_int_equal(found, 80);
    for (size_t i = 0, e = 0; i < found; i++, e++) { /* it may miss one, but scores what it finds exactly */
        while (e < all && exact[e].document != hits[i].document) e++;
        assert_true(e < all && exact[e].score == hits[i].score);
    }
    must(search_rows(index, NULL, query[0], QUERY_ROWS, "", 100, MINNOW_APPROXIMATE, hits, &found, &error));
    expect_hits(hits, exact, 100); /* the exact search */
    minnow_index_close(index);
}

/* Both lists count: the best by rows, and the only one with the word. */
static void hybrid_search(void **state) {
    (void)state;
    struct minnow_index *index = open_here(NULL, false);
    struct minnow_hit exact, hits[2];
    float query[QUERY_ROWS][STRIDE], row[DIMENSIONS] = {1};
    size_t found;
    random_query(21, query);
    must(put_random_parts(index, 0, DOCUMENTS, 22, &error));
    must(put_rows(index, "words", "a sturgeon swims", row, 1, &error));
    must(search_rows(index, NULL, query[0], QUERY_ROWS, "", 1, 0, &exact, &found, &error));
    must(search_rows(index, NULL, query[0], QUERY_ROWS, "sturgeon", 2, MINNOW_HYBRID, hits, &found, &error));
    assert_int_equal(found, 2);
    assert_int_equal(hits[0].document, exact.document);
    assert_int_equal(hits[1].document, DOCUMENTS + 1);
    assert_true(hits[0].score == (float)(1 / 61.0) && hits[1].score == (float)(1 / 61.0));
    minnow_index_close(index);
}

static void what_is_not_finite_is_refused(void **state) {
    (void)state;
    struct minnow_index *index = open_here(NULL, false);
    float rows[2 * STRIDE] = {1};
    struct minnow_hit hit;
    size_t found;
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e15f};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rows[DIMENSIONS - 1] = bad[i];
        assert_int_equal(put_rows(index, "a", "text", rows, 1, &error), MINNOW_NOT_FINITE);
        assert_int_equal(search_rows(index, NULL, rows, 1, "", 1, 0, &hit, &found, &error), MINNOW_NOT_FINITE);
    }
    rows[DIMENSIONS - 1] = 1e14f; /* the largest that is kept gives finite scores */
    must(put_rows(index, "a", "text", rows, 1, &error));
    must(search_rows(index, NULL, rows, 1, "", 1, 0, &hit, &found, &error));
    assert_true(isfinite(hit.score) && hit.score > 9e27f);
    minnow_index_close(index);
}

int main(void) {
#define in_folder(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        in_folder(equals_plain_loops_on_every_tier), in_folder(threads_change_nothing),
        in_folder(queries_of_any_length),            in_folder(memory_follows_the_file),
        in_folder(failed_writes_leave_everything),   in_folder(removing_frees_space),
        in_folder(approximate_search_scores_exactly), in_folder(hybrid_search),
        in_folder(what_is_not_finite_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
