/* Files that are not an index of this model, and index files that somebody damaged on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "index_fixture.h"

enum { DIMENSIONS = 8, DOCUMENTS = 70 };

static struct index_folder folder;
static struct minnow_error error;

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

static void write_file(const void *bytes, size_t size) {
    FILE *file = fopen(folder.index, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void run_sql(const char *sql) {
    sqlite3 *database;
    assert_int_equal(sqlite3_open(folder.index, &database), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", sql, message);
    sqlite3_close(database);
}

static enum minnow_status put_all(struct minnow_index *index, size_t count) {
    struct minnow_document documents[DOCUMENTS];
    float vectors[DOCUMENTS][DIMENSIONS];
    char ids[DOCUMENTS][8];
    struct random_state random = {3};
    for (size_t i = 0; i < count; i++) {
        snprintf(ids[i], sizeof ids[i], "%zu", i);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of("a title"), text_of("a text of words")};
        random_vector(&random, vectors[i], DIMENSIONS);
    }
    return minnow_store_put(index, documents, vectors[0], count, &error);
}

static void make_index(void) {
    struct minnow_space space = space_of(DIMENSIONS);
    struct minnow_index *index;
    remove(folder.index);
    assert_int_equal(open_space(folder.index, &space, false, &index, &error), MINNOW_OK);
    assert_int_equal(put_all(index, DOCUMENTS), MINNOW_OK);
    minnow_index_close(index);
}

static enum minnow_status open_here(const struct minnow_space *space, bool read_only) {
    struct minnow_index *index;
    enum minnow_status status = open_space(folder.index, space, read_only, &index, &error);
    minnow_index_close(index);
    return status;
}

/* The message names the file and says `part`. */
static void expect_open(enum minnow_status expected, const char *part) {
    struct minnow_space space = space_of(DIMENSIONS);
    assert_int_equal(open_here(&space, false), expected);
    if (!strstr(error.message, folder.index) || !strstr(error.message, part)) fail_msg("message: %s", error.message);
}

static void other_files(void **state) {
    (void)state;
    static char noise[9000];
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (char)(i * 31);
    write_file(noise, sizeof noise);
    expect_open(MINNOW_BAD_INDEX, "give another path");
    remove(folder.index);
    run_sql("CREATE TABLE notes(text)");
    expect_open(MINNOW_BAD_INDEX, "another program");
    run_sql("PRAGMA application_id = 77; DROP TABLE notes");
    expect_open(MINNOW_BAD_INDEX, "another program");
    remove(folder.index);
    assert_int_equal(mkdir(folder.index, 0700), 0);
    expect_open(MINNOW_IO, "open");
    rmdir(folder.index);
}

static void missing_or_empty_file_for_reading(void **state) {
    (void)state;
    struct minnow_space space = space_of(DIMENSIONS);
    assert_int_equal(open_here(&space, true), MINNOW_IO);
    assert_non_null(strstr(error.message, folder.index));
    write_file("", 0);
    assert_int_equal(open_here(&space, true), MINNOW_BAD_INDEX);
    assert_int_equal(open_here(&space, false), MINNOW_OK); /* an empty file becomes an index */
    assert_int_equal(open_here(&space, true), MINNOW_OK);
}

static void special_names_are_plain_paths(void **state) {
    (void)state;
    char old[400];
    assert_non_null(getcwd(old, sizeof old));
    assert_int_equal(chdir(folder.path), 0);
    static const char *const names[] = {":memory:", "file:x?mode=memory"};
    for (size_t i = 0; i < 2; i++) {
        struct minnow_space space = space_of(DIMENSIONS);
        struct minnow_index *index;
        assert_int_equal(open_space(names[i], &space, false, &index, &error), MINNOW_OK);
        minnow_index_close(index);
        assert_int_equal(remove(names[i]), 0);
    }
    assert_int_equal(chdir(old), 0);
}

static void other_spaces(void **state) {
    (void)state;
    make_index();
    struct minnow_space space = space_of(DIMENSIONS);
    space.fingerprint[31] ^= 1;
    assert_int_equal(open_here(&space, false), MINNOW_SPACE_MISMATCH);
    space = space_of(DIMENSIONS + 1);
    assert_int_equal(open_here(&space, false), MINNOW_SPACE_MISMATCH);
    space = space_of(DIMENSIONS);
    space.similarity = MINNOW_COSINE;
    assert_int_equal(open_here(&space, true), MINNOW_SPACE_MISMATCH);
    expect_open(MINNOW_OK, "build it again with this one");
}

static void other_formats(void **state) {
    (void)state;
    make_index();
    run_sql("PRAGMA user_version = 2");
    expect_open(MINNOW_UNSUPPORTED, "update Minnow");
    run_sql("PRAGMA user_version = -1");
    expect_open(MINNOW_BAD_INDEX, "format");
    run_sql("PRAGMA user_version = 1; UPDATE meta SET value = 'bits' WHERE key = 'vectors'");
    expect_open(MINNOW_UNSUPPORTED, "'bits'");
}

/* Schemas that would run code of their author, or that lie about what a table is. */
static void crafted_schemas(void **state) {
    (void)state;
    static const char *const schemas[] = {
        "CREATE TRIGGER t AFTER INSERT ON documents BEGIN DELETE FROM documents; END",
        "CREATE VIEW v AS SELECT 1",
        "DROP TABLE meta; CREATE VIEW meta AS SELECT 'space' AS key, 1 AS value",
        "DROP TABLE chunks",
        "ALTER TABLE documents ADD COLUMN extra DEFAULT 7",
        "DROP TABLE words; CREATE TABLE words(title, text)",
        "DROP TABLE words; CREATE VIRTUAL TABLE words USING fts5(title, text)",
        "DROP TABLE chunks; CREATE TABLE chunks(chunk INTEGER PRIMARY KEY, sequence AS (abs(1)), documents, scales, "
        "vectors)",
    };
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        make_index();
        run_sql(schemas[i]);
        expect_open(MINNOW_BAD_INDEX, "tables");
    }
}

/* Contents that pass the opening: a search says BAD_INDEX, and nothing is read out of bounds. */
static void crafted_contents(void **state) {
    (void)state;
    static const char *const changes[] = {
        "UPDATE chunks SET documents = zeroblob(8)",
        "UPDATE chunks SET documents = zeroblob(512) WHERE chunk = 1",
        "UPDATE chunks SET documents = zeroblob(520)",
        "UPDATE chunks SET documents = zeroblob(0)",
        "UPDATE chunks SET documents = zeroblob(9) WHERE chunk = 1",
        "UPDATE chunks SET documents = zeroblob(512) WHERE chunk = 0",
        "UPDATE chunks SET documents = CAST(documents AS TEXT)",
        "UPDATE chunks SET documents = 12345678",
        "UPDATE chunks SET vectors = zeroblob(511) WHERE chunk = 0",
        "UPDATE chunks SET vectors = zeroblob(50000000)",
        "UPDATE chunks SET vectors = ''",
        "UPDATE chunks SET vectors = replace(hex(zeroblob(256)), '0', '1') WHERE chunk = 0",
        "UPDATE chunks SET vectors = CAST(x'80' || zeroblob(511) AS BLOB) WHERE chunk = 0",
        "UPDATE chunks SET scales = zeroblob(255) WHERE chunk = 0",
        "UPDATE chunks SET scales = CAST(x'0000c07f' || zeroblob(252) AS BLOB) WHERE chunk = 0", /* NaN */
        "UPDATE chunks SET scales = CAST(x'0000807f' || zeroblob(252) AS BLOB) WHERE chunk = 0", /* infinity */
        "UPDATE chunks SET scales = CAST(x'000080bf' || zeroblob(252) AS BLOB) WHERE chunk = 0", /* -1 */
        "UPDATE chunks SET chunk = 7 WHERE chunk = 1",
        "UPDATE chunks SET chunk = -1 WHERE chunk = 0",
        "UPDATE chunks SET sequence = -1",
        "DELETE FROM chunks WHERE chunk = 0",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        make_index();
        run_sql(changes[i]);
        struct minnow_space space = space_of(DIMENSIONS);
        struct minnow_index *index;
        struct minnow_hit hits[100];
        size_t found = 0;
        float query[DIMENSIONS] = {1};
        assert_int_equal(open_space(folder.index, &space, false, &index, &error), MINNOW_OK);
        enum minnow_status status = minnow_store_search(index, query, text_of("words"), 100, 0, hits, &found, &error);
        if (status != MINNOW_BAD_INDEX) fail_msg("%s: %s", changes[i], minnow_status_name(status));
        assert_non_null(strstr(error.message, "build the index again"));
        status = put_all(index, 3); /* these need not touch what is damaged */
        assert_true(status == MINNOW_OK || status == MINNOW_BAD_INDEX);
        minnow_index_close(index);
    }
}

/* What a write meets that a search does not look at. */
static void crafted_places(void **state) {
    (void)state;
    static const char *const changes[] = {
        "UPDATE documents SET slot = 70",
        "UPDATE documents SET slot = -1",
        "UPDATE documents SET slot = 9223372036854775807",
        "UPDATE documents SET slot = slot + 1 WHERE slot < 69",
        "UPDATE documents SET number = -number",
        "UPDATE meta SET value = 9223372036854775807 WHERE key = 'sequence'",
        "UPDATE meta SET value = 'x' WHERE key = 'replaced'",
        "DELETE FROM meta WHERE key = 'sequence'",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        make_index();
        run_sql(changes[i]);
        struct minnow_space space = space_of(DIMENSIONS);
        struct minnow_index *index;
        struct minnow_text id = text_of("0");
        assert_int_equal(open_space(folder.index, &space, false, &index, &error), MINNOW_OK);
        if (minnow_index_remove(index, &id, 1, NULL, &error) != MINNOW_BAD_INDEX) fail_msg("%s", changes[i]);
        assert_int_equal(put_all(index, 3), MINNOW_BAD_INDEX);
        minnow_index_close(index);
    }
}

int main(void) {
#define in_folder(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        in_folder(other_files),
        in_folder(missing_or_empty_file_for_reading),
        in_folder(special_names_are_plain_paths),
        in_folder(other_spaces),
        in_folder(other_formats),
        in_folder(crafted_schemas),
        in_folder(crafted_contents),
        in_folder(crafted_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
