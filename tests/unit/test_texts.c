/* The reader of texts: plain lines and JSONL, ids, odd bytes, errors that name file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "convert/documents.h"

/* A file of these bytes; the path lives until the next call. */
static const char *write_file(const char *bytes, size_t size) {
    static char path[64];
    strcpy(path, "/tmp/minnow-texts-XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, bytes, size), (ssize_t)size);
    close(descriptor);
    return path;
}

static enum minnow_status read_all(const char *bytes, size_t size, struct minnow_documents *documents,
                                   struct minnow_error *error) {
    struct minnow_texts *texts;
    bool end;
    *documents = (struct minnow_documents){0};
    const char *path = write_file(bytes, size);
    enum minnow_status status = minnow_texts_open(path, &texts, error);
    unlink(path);
    if (status) return status;
    status = minnow_documents_read(documents, texts, SIZE_MAX, SIZE_MAX, &end, error);
    if (!status) assert_true(end);
    minnow_texts_close(texts);
    return status;
}

static void assert_text(struct minnow_text text, const char *bytes, size_t size) {
    assert_int_equal(text.size, size);
    assert_memory_equal(text.bytes, bytes, size);
}

/* `expected`: the texts of all records, each ended by '|'. */
static void expect_sized(const char *bytes, size_t size, const char *expected, size_t expected_size) {
    struct minnow_documents documents;
    struct minnow_error error = {0};
    char joined[1000];
    size_t used = 0;
    if (read_all(bytes, size, &documents, &error)) fail_msg("%s", error.message);
    for (size_t i = 0; i < documents.count; i++) {
        struct minnow_text text = minnow_documents_text(&documents, i);
        memcpy(joined + used, text.bytes, text.size);
        used += text.size;
        joined[used++] = '|';
    }
    assert_text((struct minnow_text){joined, used}, expected, expected_size);
    minnow_documents_free(&documents);
}
#define EXPECT(bytes, expected) expect_sized(bytes, sizeof(bytes) - 1, expected, sizeof(expected) - 1)

static void expect_error(const char *bytes, size_t size, enum minnow_status status, const char *part) {
    struct minnow_documents documents;
    struct minnow_error error = {0};
    assert_int_equal(read_all(bytes, size, &documents, &error), status);
    minnow_documents_free(&documents);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in '%s'", part, error.message);
}
#define EXPECT_ERROR(bytes, part) expect_error(bytes, sizeof(bytes) - 1, MINNOW_BAD_INPUT, part)

static void test_plain_lines(void **state) {
    (void)state;
    EXPECT("", "");
    EXPECT("\n", "|");
    EXPECT("a", "a|");
    EXPECT("a\nb\n", "a|b|");
    EXPECT("a\r\n\r\nb\r\n", "a||b|");
    EXPECT("a\n\n\n", "a|||");
    EXPECT("\n\n a\n", "|| a|");
    EXPECT("   \nb", "|b|");
    EXPECT("\xEF\xBB\xBFname", "name|");
    EXPECT("nul\0here\n\xFF\xFE\n", "nul\0here|\xFF\xFE|");
    EXPECT("\"text\": {}\n", "\"text\": {}|");
    EXPECT("a { b\n{c", "a { b|{c|");
}

static void test_json_lines(void **state) {
    (void)state;
    EXPECT("{\"text\":\"a\"}\n{\"text\":\"b\"}", "a|b|");
    EXPECT("\n \n  {\"text\":\"a\"}\r\n\n\t\n{\"text\":\"b\"}\n\n", "a|b|");
    EXPECT("\xEF\xBB\xBF{\"text\":\"a\"}", "a|");
    EXPECT("{\"title\":\"t\",\"text\":\"a\"}", "t a|");
    EXPECT("{\"title\":\"\",\"text\":\"a\"}", "a|");
    EXPECT("{\"title\":null,\"text\":\"\"}", "|");
    EXPECT("{\"text\":\"\\u00e9\\n\\ud83d\\ude00\"}", "\xC3\xA9\n\xF0\x9F\x98\x80|");
    EXPECT("{\"text\":\"raw \xFF byte\"}", "raw \xFF byte|");
}

static void test_nul_survives_json(void **state) {
    (void)state;
    EXPECT("{\"text\":\"a\\u0000b\\u0000\"}", "a\0b\0|");
    EXPECT("{\"text\":\"\\u0000\"}", "\0|");
    EXPECT("{\"text\":\"a\\\\u0000b\"}", "a\\u0000b|");
    EXPECT("{\"text\":\"a\\\\\\u0000b\"}", "a\\\0b|");
    EXPECT("{\"text\":\"raw\0nul\"}", "raw\0nul|");
    EXPECT("{\"text\":\"\xFF\xFE\\u0000\xC0\x80\"}", "\xFF\xFE\0\xC0\x80|");
    EXPECT("{\"title\":\"t\\u0000\",\"text\":\"x\"}", "t\0 x|");
}

static void test_lone_surrogates(void **state) {
    (void)state;
    EXPECT("{\"text\":\"\\ud800\"}", "\xEF\xBF\xBD|");
    EXPECT("{\"text\":\"\\udc00x\"}", "\xEF\xBF\xBDx|");
    EXPECT("{\"text\":\"\\ud800\\ud83d\\ude00\"}", "\xEF\xBF\xBD\xF0\x9F\x98\x80|");
    EXPECT("{\"text\":\"\\ud800\\u0041\"}", "\xEF\xBF\xBD"
                                            "A|");
}

static void test_json_errors(void **state) {
    (void)state;
    EXPECT_ERROR("{\"text\":\"a\"}\n{\"text\":\"b\"", ":2: not valid JSON");
    EXPECT_ERROR("{\"text\":\"a\"}\nplain", ":2: not valid JSON");
    EXPECT_ERROR("{\"text\":\"a\"}\n[1]", ":2: not a JSON object");
    EXPECT_ERROR("{\"text\":\"a\"} x", ":1: not valid JSON");
    EXPECT_ERROR("{\"txt\":\"a\"}", ":1: \"text\" is missing");
    EXPECT_ERROR("{\"Text\":\"a\"}", ":1: \"text\" is missing");
    EXPECT_ERROR("{\"text\":3}", "\"text\" is not a string");
    EXPECT_ERROR("{\"text\":null}", "\"text\" is not a string");
    EXPECT_ERROR("{\"text\":\"a\",\"title\":[]}", "\"title\" is not a string");
    EXPECT_ERROR("{\"text\":\"a\",\"_id\":{}}", "\"_id\"");
    EXPECT_ERROR("{\"text\":\"a\",\"_id\":1.5}", "\"_id\"");
    EXPECT_ERROR("{\"text\":\"a\",\"_id\":-1}", "\"_id\"");
    EXPECT_ERROR("{\"text\":\"\\u12G4\"}", "hexadecimal");
    EXPECT_ERROR("{\"text\":\"\\u12\"}", "hexadecimal");
    EXPECT_ERROR("{\"text\":\"\\", "not valid JSON");
}

static void test_deep_json_is_refused(void **state) {
    (void)state;
    enum { DEPTH = 100000 };
    char *bytes = malloc(DEPTH + 5);
    memcpy(bytes, "{\"a\":", 5);
    memset(bytes + 5, '[', DEPTH);
    expect_error(bytes, DEPTH + 5, MINNOW_BAD_INPUT, "not valid JSON");
    free(bytes);
}

static void test_ids(void **state) {
    (void)state;
    static const char bytes[] =
        "\n{\"text\":\"a\"}\n{\"text\":\"b\",\"_id\":\"x\\u0000\"}\n{\"text\":\"c\",\"_id\":17}\n"
        "{\"text\":\"d\",\"_id\":null}";
    struct minnow_documents documents;
    struct minnow_error error = {0};
    assert_int_equal(read_all(bytes, sizeof bytes - 1, &documents, &error), MINNOW_OK);
    assert_int_equal(documents.count, 4);
    assert_text(documents.items[0].id, "2", 1);
    assert_text(documents.items[1].id, "x\0", 2);
    assert_text(documents.items[2].id, "17", 2);
    assert_text(documents.items[3].id, "5", 1);
    minnow_documents_free(&documents);
    assert_int_equal(read_all("\n\na\n\nb", 6, &documents, &error), MINNOW_OK);
    assert_int_equal(documents.count, 5);
    for (size_t i = 0; i < 5; i++) assert_text(documents.items[i].id, &"12345"[i], 1);
    minnow_documents_free(&documents);
}

static void test_long_lines(void **state) {
    (void)state;
    const size_t limit = (size_t)64 << 20;
    char *bytes = malloc(limit + 2);
    struct minnow_documents documents;
    struct minnow_error error = {0};
    memset(bytes, 'x', limit + 2);
    bytes[0] = '\n';
    assert_int_equal(read_all(bytes, limit + 1, &documents, &error), MINNOW_OK);
    assert_int_equal(documents.items[1].text.size, limit);
    minnow_documents_free(&documents);
    expect_error(bytes, limit + 2, MINNOW_BAD_INPUT, ":2: the line is longer than 64 MiB");
    free(bytes);
}

static void test_files_that_cannot_be_read(void **state) {
    (void)state;
    struct minnow_texts *texts;
    struct minnow_error error = {0};
    assert_int_equal(minnow_texts_open("/nonexistent/file", &texts, &error), MINNOW_IO);
    assert_null(texts);
    assert_non_null(strstr(error.message, "/nonexistent/file"));
    assert_int_equal(minnow_texts_open("/tmp", &texts, &error), MINNOW_IO);
    assert_non_null(strstr(error.message, "folder"));
    minnow_texts_close(NULL);
}

static void test_batches_end_by_count_and_by_bytes(void **state) {
    (void)state;
    struct minnow_documents documents = {0};
    struct minnow_error error = {0};
    struct minnow_texts *texts;
    bool end;
    const char *path = write_file("aaaa\nbbbb\ncccc\ndddd\n", 20);
    assert_int_equal(minnow_texts_open(path, &texts, &error), MINNOW_OK);
    unlink(path);
    assert_int_equal(minnow_documents_read(&documents, texts, 1, SIZE_MAX, &end, &error), MINNOW_OK);
    assert_int_equal(documents.count, 1);
    assert_false(end);
    minnow_documents_clear(&documents);
    assert_int_equal(minnow_documents_read(&documents, texts, SIZE_MAX, 5, &end, &error), MINNOW_OK);
    assert_int_equal(documents.count, 2);
    assert_text(documents.items[1].text, "cccc", 4);
    minnow_documents_clear(&documents);
    assert_int_equal(minnow_documents_read(&documents, texts, SIZE_MAX, SIZE_MAX, &end, &error), MINNOW_OK);
    assert_int_equal(documents.count, 1);
    assert_true(end);
    uint64_t done, total;
    minnow_texts_position(texts, &done, &total);
    assert_int_equal(done, 20);
    assert_int_equal(total, 20);
    minnow_documents_free(&documents);
    minnow_texts_close(texts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_lines),
        cmocka_unit_test(test_json_lines),
        cmocka_unit_test(test_nul_survives_json),
        cmocka_unit_test(test_lone_surrogates),
        cmocka_unit_test(test_json_errors),
        cmocka_unit_test(test_deep_json_is_refused),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_batches_end_by_count_and_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
