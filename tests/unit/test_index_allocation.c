/* A warm search allocates nothing: every malloc of the process is counted, SQLite's too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "index_fixture.h"
#include "tests/unit/counted_allocations.h"

enum { DIMENSIONS = 32, COUNT = 500 };

static struct minnow_error error;

static void put_some(struct minnow_index *index, size_t first, size_t count) {
    static struct minnow_document documents[COUNT];
    static float vectors[COUNT][DIMENSIONS];
    static char ids[COUNT][16];
    struct random_state random = {first + 1};
    for (size_t i = 0; i < count; i++) {
        snprintf(ids[i], sizeof ids[i], "%zu", first + i);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of("title"), text_of("some text")};
        random_vector(&random, vectors[i], DIMENSIONS);
    }
    assert_int_equal(minnow_store_put(index, documents, vectors[0], count, &error), MINNOW_OK);
}

static size_t search_some(struct minnow_index *index, size_t times) {
    static struct minnow_hit hits[COUNT];
    struct random_state random = {99};
    float query[DIMENSIONS];
    size_t found, before = allocations;
    for (size_t i = 0; i < times; i++) {
        random_vector(&random, query, DIMENSIONS);
        if (minnow_store_search(index, query, text_of(""), 10 + i, 0, hits, &found, &error) != MINNOW_OK) return 1;
        if (found != 10 + i) return 1;
    }
    return allocations - before;
}

static void warm_search_allocates_nothing(void **state) {
    (void)state;
    struct index_folder folder = index_folder_create(NULL);
    struct minnow_space space = space_of(DIMENSIONS);
    struct minnow_index *writer, *reader;
    assert_int_equal(open_space(folder.index, &space, false, &writer, &error), MINNOW_OK);
    put_some(writer, 0, COUNT);
    assert_int_equal(open_space(folder.index, &space, true, &reader, &error), MINNOW_OK);
    size_t before = allocations;
    search_some(reader, 1);
    assert_true(!COUNTING || allocations > before); /* the first loads, and the counter counts */
    assert_int_equal(search_some(reader, 100), 0);
    put_some(writer, COUNT, 1);
    assert_int_equal(search_some(writer, 100), 0); /* its own write left its memory as it should be */
    search_some(reader, 1);
    assert_int_equal(search_some(reader, 100), 0);
    minnow_index_close(reader);
    minnow_index_close(writer);
    index_folder_remove(&folder);
}

int main(void) {
    if (!COUNTING) puts("skipped: allocations are counted without AddressSanitizer, on glibc");
    const struct CMUnitTest tests[] = {cmocka_unit_test(warm_search_allocates_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
