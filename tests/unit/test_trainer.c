/* What runs of the trainer learn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

/* Cosines to begin with are neither labels nor a teacher's scores: the bias puts their mean where it belongs. */
static void test_cosines_begin_in_the_middle(void **state) {
    (void)state;
    student->contents.similarity = MINNOW_COSINE;
    begin(&one, "soft-bce");
    one.options.role = MINNOW_DISTILL_BOTH;
    one.options.alpha = -1;
    run_well(&one);
    begin(&other, "pointwise-mse");
    other.options.role = MINNOW_DISTILL_BOTH;
    run_well(&other);
    student->contents.similarity = MINNOW_DOT;
    if (!(one.reports[0].held_out_loss < 1))
        fail_msg("labels: %g", one.reports[0].held_out_loss); /* ln 2 is undecided */
    if (!(other.reports[0].held_out_loss < 5)) fail_msg("scores: %g", other.reports[0].held_out_loss);
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

/* A teacher that makes no single vector of a text, by its scores. */
static void teach_by_scores(enum small_family family, const char *losses) {
    struct small_model *pairs = small_family_make(family, MINNOW_WEIGHT_F32);
    begin(&one, losses);
    one.teacher = &pairs->contents;
    one.options.negatives = 3;
    one.options.held_out = -1;
    one.options.steps = 60;
    one.options.evaluate_every = 15;
    run_well(&one);
    double first = one.reports[1].loss, last = one.reports[4].loss;
    if (!(last < first)) fail_msg("%s, %s: %g, then %g", small_family_names[family], losses, first, last);
    small_model_free(pairs);
}

static void test_scores_teach(void **state) {
    (void)state;
    teach_by_scores(SMALL_CROSS_ENCODER, "score-kl");
    teach_by_scores(SMALL_CROSS_ENCODER, "margin-mse:0.1,soft-bce");
    teach_by_scores(SMALL_LATE_INTERACTION, "score-kl");
}

/* Vectors as wide as the teacher's blocks: a student without what comes behind its pooling. */
static void test_a_cross_encoder_teaches_its_vectors(void **state) {
    (void)state;
    struct small_model *pairs = small_family_make(SMALL_CROSS_ENCODER, MINNOW_WEIGHT_F32);
    struct small_model *wide = small_model_make(MINNOW_WEIGHT_F32, 1);
    while (wide->layers[0][wide->routes[0].layer_count - 1].kind != MINNOW_LAYER_POOL) wide->routes[0].layer_count--;
    wide->routes[0].dimensions = HIDDEN;
    const char *const losses[] = {"embedding", "embedding-cosine,score-kl:0.1"};
    for (int i = 0; i < 2; i++) {
        begin(&one, losses[i]);
        one.teacher = &pairs->contents;
        one.student = &wide->contents;
        one.options.threads = 2;
        one.options.steps = 60;
        one.options.evaluate_every = 15;
        run_well(&one);
        assert_true(one.reports[4].held_out_loss < 0.8 * one.reports[0].held_out_loss);
        assert_true(one.reports[4].cosine > one.reports[0].cosine);
    }
    begin(&one, "embedding");
    one.teacher = &pairs->contents;
    expect(&one, MINNOW_INVALID_ARGUMENT, "its vectors have 20 dimensions, the teacher's have 24");
    small_model_free(wide);
    small_model_free(pairs);
}

/* The second run scores nothing: a cache of another teacher's scores would be seen in its losses. */
static void test_scores_are_kept(void **state) {
    (void)state;
    char cache[3 * FOLDER_PATH];
    struct small_model *pairs = small_family_make(SMALL_CROSS_ENCODER, MINNOW_WEIGHT_F32);
    struct trained *runs[] = {&one, &other};
    snprintf(cache, sizeof cache, "%s.cache", data.path);
    for (int i = 0; i < 2; i++) {
        struct stat found;
        static off_t size;
        begin(runs[i], "score-kl");
        runs[i]->teacher = &pairs->contents;
        runs[i]->options.cache = cache;
        run_well(runs[i]);
        assert_int_equal(stat(cache, &found), 0);
        assert_true(found.st_size > 1000);
        if (i) assert_int_equal(found.st_size, size);
        size = found.st_size;
    }
    assert_same_weights();
    remove(cache);
    small_model_free(pairs);
}

/* The last window's loss of labels, of a student that learns by its teacher's scores alone. */
static double labels_lost(double teacher_rate) {
    char path[3 * FOLDER_PATH], line[2000];
    double lost = 0;
    begin(&one, "score-kl,contrastive:1e-6");
    one.options.role = MINNOW_DISTILL_BOTH;
    one.options.teacher_rate = teacher_rate;
    one.options.held_out = -1;
    one.options.steps = 200;
    run_well(&one);
    snprintf(path, sizeof path, "%s.run/metrics.jsonl", one.options.output);
    FILE *metrics = fopen(path, "r");
    assert_non_null(metrics);
    while (fgets(line, sizeof line, metrics)) {
        const char *found = strstr(line, "\"contrastive\":");
        if (found) lost = strtod(found + strlen("\"contrastive\":"), NULL);
    }
    fclose(metrics);
    return lost;
}

/* It comes to rank better itself, and its student with it. */
static void test_a_teacher_learns_beside_its_student(void **state) {
    (void)state;
    double frozen = labels_lost(0), learning = labels_lost(3e-3);
    if (!(learning < 0.9 * frozen)) fail_msg("labels: %g with a teacher that stays, %g", frozen, learning);
    begin(&one, "embedding,contrastive");
    one.options.role = MINNOW_DISTILL_BOTH;
    one.options.teacher_rate = 1e-3;
    expect(&one, MINNOW_INVALID_ARGUMENT, "goes with contrastive, score-kl and lead");
    begin(&one, "lead");
    one.options.role = MINNOW_DISTILL_BOTH;
    one.options.teacher_rate = 1e-3;
    expect(&one, MINNOW_INVALID_ARGUMENT, "a teacher learns from labelled candidates");
    begin(&one, "score-kl");
    one.options.teacher_rate = 1e-3;
    expect(&one, MINNOW_INVALID_ARGUMENT, "expected --role both");
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
        cmocka_unit_test(test_cosines_begin_in_the_middle),
        cmocka_unit_test(test_every_family_learns_labels),
        cmocka_unit_test(test_scores_teach),
        cmocka_unit_test(test_a_cross_encoder_teaches_its_vectors),
        cmocka_unit_test(test_scores_are_kept),
        cmocka_unit_test(test_a_teacher_learns_beside_its_student),
        cmocka_unit_test(test_scores_from_files),
    };
    return cmocka_run_group_tests(tests, make_models, free_models);
}
