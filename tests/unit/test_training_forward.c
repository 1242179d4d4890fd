/* The pass forward of training computes what a session computes in f32, for every family. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/training_fixture.h"

static struct training training;
static struct small_results results;

/* Of the largest one of its kind. */
static void assert_near(const char *what, const float *found, const float *expected, size_t count) {
    float largest = 1e-3f;
    for (size_t i = 0; i < count; i++) largest = fabsf(expected[i]) > largest ? fabsf(expected[i]) : largest;
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(found[i] - expected[i]) <= 1e-5f * largest))
            fail_msg("%s: number %zu is %.9g, expected %.9g", what, i, (double)found[i], (double)expected[i]);
}

static void compare_vectors(int role, const char *what) {
    const struct minnow_vectors *vectors = &training.team.vectors[role];
    bool many = training.model->contents.similarity == MINNOW_MAXSIM;
    for (size_t i = 0; i < SMALL_TEXTS; i++) {
        size_t text = (size_t)role * SMALL_TEXTS + i, rows = minnow_vectors_count(vectors, i);
        assert_int_equal(many ? (int)results.numbers[SMALL_COUNTS + 3 * text] : 1, rows);
        assert_near(what, minnow_vectors_rows(vectors, i), results.numbers + text * SMALL_ROW, rows * vectors->width);
    }
}

static void check_family(enum small_family family, uint32_t workers) {
    struct small_way way = {.threads = 1, .batch_tokens = 64, .at_once = SMALL_TEXTS};
    begin_training(&training, small_family_make(family, MINNOW_WEIGHT_F32), workers, 1);
    assert_true(results_of(&training.network.contents, &way, &results));
    train_forward(&training);
    for (int role = 0; training.model->contents.similarity != MINNOW_JOINT && role < 2; role++)
        compare_vectors(role, small_family_names[family]);
    assert_near(small_family_names[family], training.team.scoring.scores, results.numbers + SMALL_SCORES,
                TRAINED_PAIRS);
    end_training(&training);
}

static void test_families(void **state) {
    (void)state;
    for (int family = 0; family < SMALL_FAMILIES; family++) check_family((enum small_family)family, 1);
}

static void test_workers(void **state) {
    (void)state;
    for (int family = 0; family < SMALL_FAMILIES; family++) check_family((enum small_family)family, 3);
}

/* Weights of 8 bits cannot be trained. */
static void test_rounded(void **state) {
    (void)state;
    struct minnow_error error = {0};
    struct minnow_network network;
    struct small_model *model = small_family_make(SMALL_LSTM, MINNOW_WEIGHT_S8);
    assert_int_equal(minnow_network_create(&model->contents, model->memory, &network, &error), MINNOW_UNSUPPORTED);
    assert_non_null(strstr(error.message, "routes.0.layers.0: found weights of 8 or 4 bits"));
    small_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_families), cmocka_unit_test(test_workers),
                                       cmocka_unit_test(test_rounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
