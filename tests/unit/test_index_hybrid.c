/* Hybrid search against fusion by hand; texts as queries of FTS5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "index_fixture.h"
#include "runtime/index/words.h"

enum { DIMENSIONS = 4 };

static struct index_folder folder;
static struct minnow_index *index_;
static struct minnow_error error;

/* By vector from (1, 0): 1, 2, 3, 4, 5. "salmon river": 4 and 5 have both words, 3 has one. */
static const struct {
    const char *id, *title, *text;
    float angle;
} documents[] = {
    {"trout", "Trout", "a fish of cold lakes", 0.1f},
    {"carp", "Carp", "a fish of warm ponds", 0.2f},
    {"pike", "Pike", "it hunts in a river sometimes or never, in any season and any weather at all", 0.3f},
    {"salmon", "Salmon", "a river salmon", 0.4f},
    {"\xc3\x9c"
     "ber",
     "Stra\xc3\x9f"
     "e",
     "snake_case, state-of-the-art, na\xc3\xafve; salmon of the river and of the sea, it swims far", 0.5f},
};
enum { COUNT = sizeof documents / sizeof *documents };

static int set_up(void **state) {
    (void)state;
    struct minnow_space space = space_of(DIMENSIONS);
    struct minnow_document stored[COUNT];
    float vectors[COUNT][DIMENSIONS] = {{0}};
    folder = index_folder_create(NULL);
    for (size_t i = 0; i < COUNT; i++) {
        stored[i] =
            (struct minnow_document){text_of(documents[i].id), text_of(documents[i].title), text_of(documents[i].text)};
        vectors[i][0] = cosf(documents[i].angle);
        vectors[i][1] = sinf(documents[i].angle);
    }
    if (open_space(folder.index, &space, false, &index_, &error) != MINNOW_OK) return -1;
    return minnow_store_put(index_, stored, vectors[0], COUNT, &error) == MINNOW_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    minnow_index_close(index_);
    index_folder_remove(&folder);
    return 0;
}

static size_t search(const char *query, size_t k, struct minnow_hit *hits) {
    float vector[DIMENSIONS] = {1};
    size_t found;
    if (minnow_store_search(index_, vector, text_of(query), k, MINNOW_HYBRID, hits, &found, &error) != MINNOW_OK)
        fail_msg("%s", error.message);
    return found;
}

static float fused(int vector_rank, int word_rank) {
    double sum = 1.0 / (60 + vector_rank);
    if (word_rank) sum += 1.0 / (60 + word_rank);
    return (float)sum;
}

static void ranks_are_fused(void **state) {
    (void)state;
    struct minnow_hit hits[COUNT + 1];
    assert_int_equal(search("salmon river", COUNT + 1, hits), COUNT);
    /* BM25: the short text with both words first, then the long one with both, then one word. */
    static const int numbers[COUNT] = {4, 3, 5, 1, 2}, word_ranks[COUNT] = {1, 3, 2, 0, 0};
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(hits[i].document, numbers[i]);
        assert_true(hits[i].score == fused(numbers[i], word_ranks[i]));
    }
    assert_int_equal(search("salmon river", 2, hits), 2);
    assert_int_equal(hits[0].document, 4);
    assert_int_equal(search("salmon river", 0, NULL), 0);
}

static void without_words_only_vectors(void **state) {
    (void)state;
    static const char *const queries[] = {"", " \t\n", "?!\"'*()", "\xff\xfe", "zzzunknown"};
    struct minnow_hit hits[COUNT];
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++) {
        assert_int_equal(search(queries[q], COUNT, hits), COUNT);
        for (int i = 0; i < COUNT; i++) assert_true(hits[i].document == i + 1 && hits[i].score == fused(i + 1, 0));
    }
}

static bool finds(const char *query, int64_t document) {
    struct minnow_hit hits[COUNT];
    search(query, COUNT, hits);
    for (size_t i = 0; i < COUNT; i++)
        if (hits[i].document == document) return hits[i].score > fused((int)document, 0);
    return false;
}

static void words_are_found(void **state) {
    (void)state;
    assert_true(finds("TROUT?", 1));
    assert_true(finds("the naive approach", 5));
    assert_true(finds("snake_case", 5));
    assert_true(finds("art\xff", 5));
    assert_true(finds("Stra\xc3\x9f"
                      "e",
                      5));
    assert_true(finds("ponds AND nothing", 2));
}

/* FTS5 operators in a text are words. */
static void syntax_is_only_text(void **state) {
    (void)state;
    static const char *const queries[] = {
        "trout NOT fish",
        "NEAR(trout carp, 1)",
        "title : trout",
        "{title text} : trout",
        "-title:trout",
        "tro*",
        "\"trout",
        "\"\" OR \"",
        "^trout",
        "trout + carp",
        "words MATCH trout",
        "') DROP TABLE x; --",
        "AND",
        "OR OR OR",
        "trout\" OR \"",
    };
    struct minnow_hit hits[COUNT];
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        assert_int_equal(search(queries[i], COUNT, hits), COUNT);
    assert_true(finds("trout NOT fish", 1) && finds("-title:trout", 1) && !finds("tro*", 1));
}

static void query_text(const char *text, size_t size, const char *expected) {
    char *query;
    assert_true(minnow_words_query((struct minnow_text){text, size}, &query));
    if (expected)
        assert_string_equal(query, expected);
    else
        assert_null(query);
    free(query);
}

static void queries_are_quoted(void **state) {
    (void)state;
    query_text("", 0, NULL);
    query_text("...", 3, NULL);
    query_text("one", 3, "\"one\"");
    query_text(" one,\"two\" ", 11, "\"one\" OR \"two\"");
    query_text("a\0b", 3, "\"a\" OR \"b\"");
    static char many[4000];
    for (size_t i = 0; i < sizeof many; i++) many[i] = i % 2 ? ' ' : 'w';
    char *query;
    assert_true(minnow_words_query((struct minnow_text){many, sizeof many}, &query));
    assert_int_equal(strlen(query), 64 * 3 + 63 * 4);
    free(query);
}

/* More documents than either list is deep: the lists are cut at max(k, 100). */
static void lists_are_cut(void **state) {
    (void)state;
    enum { MANY = 260 };
    static struct minnow_document many[MANY];
    static float vectors[MANY][DIMENSIONS];
    static char ids[MANY][8];
    for (size_t i = 0; i < MANY; i++) {
        snprintf(ids[i], sizeof ids[i], "n%zu", i);
        many[i] = (struct minnow_document){text_of(ids[i]), text_of(""), text_of("common word")};
        vectors[i][0] = -1 - (float)i / 100; /* behind the first five, last the farthest */
    }
    assert_int_equal(minnow_store_put(index_, many, vectors[0], MANY, &error), MINNOW_OK);
    struct minnow_hit hits[MANY + COUNT];
    /* 100 by vector and 100 by words; equal BM25 ranks by number: 6..105, of which 95 in both. */
    assert_int_equal(search("common", 10, hits), 10);
    assert_int_equal(hits[0].document, 6);
    assert_true(hits[0].score == fused(6, 1));
    assert_int_equal(search("common", 200, hits), 200);
    assert_int_equal(search("common", MANY + COUNT, hits), MANY + COUNT);
}

int main(void) {
#define with_index(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_index(ranks_are_fused),     with_index(without_words_only_vectors), with_index(words_are_found),
        with_index(syntax_is_only_text), cmocka_unit_test(queries_are_quoted),   with_index(lists_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
