/* Students' checkpoints through the converter into files: what a text becomes in them, and what comes of it. */
#include "convert/convert.h"
#include "tests/unit/module_folders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>

/* A folder's model file, open. */
struct converted {
    struct folder folder;
    struct minnow_model *model;
    struct minnow_session *session;
};

static struct converted convert(struct folder folder, enum minnow_weight_type weights, const char *route) {
    struct converted converted = {.folder = folder};
    struct minnow_convert_report report;
    struct minnow_error error = {0};
    char path[2 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s/model.mnw", folder.path);
    struct minnow_convert_options options = {
        .checkpoint = folder.path, .output = path, .weights = weights, .reading = {.route = route}, .threads = 1};
    if (minnow_convert(&options, &report, &error)) fail_msg("%s", error.message);
    if (minnow_model_open_path(path, NULL, &converted.model, &error)) fail_msg("%s", error.message);
    if (minnow_session_create(converted.model, NULL, &converted.session, &error)) fail_msg("%s", error.message);
    return converted;
}

static void finish(struct converted *converted) {
    minnow_session_close(converted->session);
    minnow_model_close(converted->model);
    folder_remove(&converted->folder);
}

static void expect_ids(const struct converted *converted, unsigned flags, const char *text, const uint32_t *expected,
                       size_t expected_count) {
    uint32_t ids[64];
    size_t count = 0;
    struct minnow_error error = {0};
    struct minnow_text whole = {text, strlen(text)};
    if (minnow_tokenize(converted->model, MINNOW_QUERY, whole, flags, ids, 64, &count, &error))
        fail_msg("%s", error.message);
    if (count != expected_count) fail_msg("\"%s\": %zu tokens, expected %zu", text, count, expected_count);
    if (count) assert_memory_equal(ids, expected, count * sizeof *ids);
}

#define IDS(...) (const uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t)

static struct minnow_text_result encode(const struct converted *converted, enum minnow_role role, const char *text,
                                        float *vector) {
    struct minnow_text whole = {text, strlen(text)};
    struct minnow_text_result result;
    struct minnow_error error = {0};
    if (minnow_encode(converted->session, role, &whole, 1, vector, &result, &error)) fail_msg("%s", error.message);
    return result;
}

static void words_and_stop_words(void **state) {
    (void)state;
    for (int weights = MINNOW_WEIGHT_F32; weights <= MINNOW_WEIGHT_S8; weights++) {
        struct converted converted = convert(folder_lstm(), (enum minnow_weight_type)weights, NULL);
        float vector[2 * LSTM_HIDDEN];
        expect_ids(&converted, 0, "The FISH of the (river), C++ c++", IDS(1, 2, 5));
        expect_ids(&converted, 0, "of THE", NULL, 0);
        assert_int_equal(encode(&converted, MINNOW_QUERY, "fish river", vector).tokens, 2);
        assert_true(vector[0] != 0 && isfinite(vector[0]));
        assert_int_equal(encode(&converted, MINNOW_QUERY, "nothing known", vector).tokens, 0);
        for (int i = 0; i < 2 * LSTM_HIDDEN; i++) assert_true(vector[i] == 0);
        finish(&converted);
    }
}

/* 20 tokens, of texts of 80 characters; the unknown ones are counted and then left out. */
static void characters_and_unknown_tokens(void **state) {
    (void)state;
    struct converted converted = convert(folder_model2vec(), MINNOW_WEIGHT_S8, NULL);
    float vector[3];
    char text[128];
    expect_ids(&converted, 0, "fish whale [UNK] a?", IDS(2, 5));
    expect_ids(&converted, 0, "whale", NULL, 0);
    snprintf(text, sizeof text, "%78sfishs", "");
    expect_ids(&converted, 0, text, NULL, 0); /* "fi" is left */
    expect_ids(&converted, MINNOW_NO_TRUNCATION, text, IDS(2, 4));
    assert_true(encode(&converted, MINNOW_QUERY, text, vector).truncated);
    memset(text, 0, sizeof text);
    for (size_t i = 0; i < 25; i++) strcat(text, "? ");
    strcat(text, "fish"); /* the 26th */
    expect_ids(&converted, 0, text, NULL, 0);
    expect_ids(&converted, MINNOW_NO_TRUNCATION, text, IDS(2));
    struct minnow_text_result result = encode(&converted, MINNOW_QUERY, "a fish", vector);
    assert_int_equal(result.tokens, 2);
    assert_false(result.truncated);
    finish(&converted);
}

/* A query's model alone compares with the documents of the pair. */
static void one_route_of_a_pair(void **state) {
    (void)state;
    struct converted both = convert(folder_router(), MINNOW_WEIGHT_F32, NULL);
    struct converted query = convert(folder_router(), MINNOW_WEIGHT_F32, "query");
    struct minnow_model_info info, of_query;
    float expected[TABLE], found[TABLE];
    minnow_model_info(both.model, &info);
    minnow_model_info(query.model, &of_query);
    assert_memory_equal(info.space, of_query.space, sizeof info.space);
    assert_true(of_query.parameters < info.parameters / 2);
    encode(&both, MINNOW_QUERY, "fish a", expected);
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        encode(&query, (enum minnow_role)role, "fish a", found);
        assert_memory_equal(expected, found, sizeof found);
    }
    finish(&both);
    finish(&query);
}

static void scores_of_pairs(void **state) {
    (void)state;
    struct converted converted = convert(folder_tk(), MINNOW_WEIGHT_S8, NULL);
    const struct minnow_text query = {"Fish, river", 11};
    const struct minnow_text documents[] = {{"the fish", 8}, {"river whales", 12}, {"", 0}};
    float scores[3];
    struct minnow_error error = {0};
    expect_ids(&converted, 0, query.bytes, IDS(2, 4, 3));
    expect_ids(&converted, 0, "the whales the river fish", IDS(5, 1, 5, 3));
    if (minnow_score(converted.session, query, documents, 3, scores, NULL, NULL, &error)) fail_msg("%s", error.message);
    for (int i = 0; i < 3; i++) assert_true(isfinite(scores[i]));
    assert_true(scores[0] != scores[1]);
    finish(&converted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_stop_words),
        cmocka_unit_test(characters_and_unknown_tokens),
        cmocka_unit_test(one_route_of_a_pair),
        cmocka_unit_test(scores_of_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
