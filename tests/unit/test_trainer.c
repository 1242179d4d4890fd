/* What runs of the trainer learn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "convert/distill/trainer/layer_vectors.h"
#include "tests/unit/trainer_fixture.h"

/* ---- What is learned ------------------------------------------------------------------------- */

static void test_queries_come_near_the_teacher(void **state) {
    (void)state;
    begin(&one, "embedding");
    run_well(&one);
    const struct minnow_distill_report *first = &one.reports[0], *last = &one.reports[one.report_count - 1];
    assert_int_equal(one.report_count, 5); /* before the first step, and four times */
    assert_true(last->held_out_loss < 0.7 * first->held_out_loss);
    assert_true(last->cosine > first->cosine);
    assert_int_equal(one.result.steps, 20);
    assert_true(one.result.cosine >= last->cosine - 1e-6);
    assert_false(is_there(&one, "state"));
    assert_true(is_there(&one, "metrics.jsonl") && is_there(&one, "curve.svg"));
}

/* Every loss, of a student in the teacher's place for queries, and for both. */
static void test_every_loss_falls(void **state) {
    (void)state;
    const char *name;
    for (size_t i = 0; (name = minnow_distill_loss(i, NULL)); i++)
        for (int role = MINNOW_DISTILL_QUERY; role <= MINNOW_DISTILL_BOTH; role++) {
            if (strcmp(name, "lead") == 0 && role != MINNOW_DISTILL_BOTH) continue; /* it compares both sides' layers */
            begin(&one, name);
            one.options.role = (enum minnow_distill_role)role;
            one.options.held_out = -1;
            one.options.negatives = 2;
            one.options.steps = 60;
            one.options.evaluate_every = 15;
            run_well(&one);
            double first = one.reports[1].loss, last = one.reports[4].loss;
            if (!(last < first)) fail_msg("%s, role %d: %g, then %g", name, role, first, last);
        }
}

static void test_every_family_learns_labels(void **state) {
    (void)state;
    for (int family = 0; family < SMALL_FAMILIES; family++) {
        struct small_model *model = small_family_make((enum small_family)family, MINNOW_WEIGHT_F32);
        begin(&one, "contrastive");
        one.teacher = NULL;
        one.student = &model->contents;
        one.options.held_out = -1;
        one.options.steps = 80;
        one.options.evaluate_every = 20;
        one.options.role = MINNOW_DISTILL_BOTH;
        run_well(&one);
        double first = one.reports[1].loss, last = one.reports[4].loss;
        if (!(last < first)) fail_msg("%s: %g, then %g", small_family_names[family], first, last);
        small_model_free(model);
    }
}

static void test_a_cross_encoder_teaches(void **state) {
    (void)state;
    struct small_model *pairs = small_family_make(SMALL_CROSS_ENCODER, MINNOW_WEIGHT_F32);
    const char *const losses[] = {"score-kl", "margin-mse:0.1,soft-bce"};
    for (int i = 0; i < 2; i++) {
        begin(&one, losses[i]);
        one.teacher = &pairs->contents;
        one.options.negatives = 3;
        one.options.held_out = -1;
        one.options.steps = 60;
        one.options.evaluate_every = 15;
        run_well(&one);
        assert_true(one.reports[4].loss < one.reports[1].loss);
    }
    begin(&one, "embedding");
    one.teacher = &pairs->contents;
    expect(&one, MINNOW_INVALID_ARGUMENT, "teacher: a loss over vectors");
    small_model_free(pairs);
}

/* A layer's vectors back to the rows they are made of, by differences: sum of weight * vector. */
struct layer_trial {
    struct minnow_trace trace;
    struct minnow_layer_pooling pooling;
    float vectors[64], lengths[2], weights[64];
};

static double weighted_sum(struct layer_trial *trial) {
    double sum = 0;
    minnow_layer_vectors_take(&trial->trace, 1, trial->pooling, trial->vectors, trial->lengths);
    for (size_t i = 0; i < 2 * HIDDEN; i++) sum += (double)trial->weights[i] * (double)trial->vectors[i];
    return sum;
}

static void compare_differences(struct layer_trial *trial, size_t rows) {
    static const float small = 1e-2f;
    float gradient[64];
    float *values = (float *)(uintptr_t)trial->trace.steps[2].rows;
    for (size_t i = 0; i < 64; i++) trial->weights[i] = sinf((float)i);
    memcpy(gradient, trial->weights, sizeof gradient);
    weighted_sum(trial);
    assert_true(minnow_layer_vectors_back(&trial->trace, 1, trial->pooling, trial->vectors, trial->lengths, gradient));
    for (size_t i = 0; i < rows * HIDDEN; i++) {
        float before = values[i];
        values[i] = before + small;
        double above = weighted_sum(trial);
        values[i] = before - small;
        double below = weighted_sum(trial);
        values[i] = before;
        double expected = (above - below) / (2 * (double)small), found = (double)trial->trace.added[1][i];
        if (fabs(expected - found) > 1e-3) fail_msg("number %zu: by differences %g, found %g", i, expected, found);
    }
}

static void test_vectors_of_layers_go_back(void **state) {
    (void)state;
    uint32_t ids[8] = {2, 5, 6, 3, 2, 8, 9, 3}, positions[8] = {0, 1, 2, 3, 0, 1, 2, 3}, types[8] = {0};
    const struct minnow_span spans[2] = {{.first = 0, .count = 5, .seen = 5}, {.first = 5, .count = 3, .seen = 3}};
    for (int way = 0; way < 4; way++) {
        struct minnow_kernels kernels;
        struct layer_trial trial = {.pooling = {.first = way & 1, .unit = way & 2}};
        assert_true(minnow_kernels_choose(&kernels, NULL));
        trial.trace.kernels = &kernels;
        minnow_trace_begin(&trial.trace, (struct minnow_batch){ids, positions, types, spans, 8, 2});
        must(minnow_trace_forward(&trial.trace, &teacher->routes[0], 0, 6, &one.error), &one.error);
        compare_differences(&trial, 8);
        minnow_trace_free(&trial.trace);
    }
}

/* ---- Score files ----------------------------------------------------------------------------- */

static void test_scores_from_files(void **state) {
    (void)state;
    struct folder scored = folder_create();
    FILE *file = open_within(&scored, "scores.tsv");
    for (int i = 0; i < 16; i++)
        fprintf(file, "%d.5\t-%d\tfish of river\t%s water\tthe fishing of rivers\n", i % 3, i % 2, i % 2 ? "a" : "the");
    fclose(file);
    begin(&one, "margin-mse");
    one.teacher = NULL;
    one.options.data = scored.path;
    one.options.held_out = -1;
    one.options.steps = 60;
    one.options.evaluate_every = 15;
    run_well(&one);
    assert_int_equal(one.result.texts, 16);
    assert_true(one.reports[4].loss < one.reports[1].loss);
    folder_remove(scored.path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries_come_near_the_teacher),
        cmocka_unit_test(test_every_loss_falls),
        cmocka_unit_test(test_every_family_learns_labels),
        cmocka_unit_test(test_a_cross_encoder_teaches),
        cmocka_unit_test(test_vectors_of_layers_go_back),
        cmocka_unit_test(test_scores_from_files),
    };
    return cmocka_run_group_tests(tests, make_models, free_models);
}
