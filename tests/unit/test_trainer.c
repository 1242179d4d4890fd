/* Runs of the trainer: what they learn, that they are repeatable, and what becomes of those that are interrupted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>

#include "convert/distill/trainer/layer_vectors.h"
#include "tests/unit/trainer_fixture.h"

static struct folder data;
static struct small_model *teacher, *student;
static struct trained one, other;
static char outputs[2][2 * FOLDER_PATH];

/* Every third word of the student's begins elsewhere than the teacher's. */
static void move_words(struct small_model *model) {
    struct minnow_table *words = &model->layers[0][0].embedding.words;
    for (size_t i = 0; i < (size_t)words->rows * words->width; i += 3) ((float *)(uintptr_t)words->data)[i] *= -1;
}

static int make_models(void **state) {
    (void)state;
    data = folder_create();
    write_training_data(&data);
    for (int i = 0; i < 2; i++) snprintf(outputs[i], sizeof outputs[i], "%s.output-%d", data.path, i);
    teacher = small_model_make(MINNOW_WEIGHT_F32, 1);
    student = small_model_make(MINNOW_WEIGHT_F32, 1);
    move_words(student);
    return 0;
}

static void remove_runs(void) {
    for (int i = 0; i < 2; i++) {
        char path[3 * FOLDER_PATH];
        snprintf(path, sizeof path, "%s.run", outputs[i]);
        folder_remove(path);
    }
}

static int free_models(void **state) {
    (void)state;
    remove_runs();
    folder_remove(data.path);
    small_model_free(teacher);
    small_model_free(student);
    return 0;
}

static void begin(struct trained *trained, const char *losses) {
    begin_run(trained, &data, outputs[trained == &other], losses);
    trained->teacher = &teacher->contents;
    trained->student = &student->contents;
}

static void run_well(struct trained *trained) { must(run_trainer(trained), &trained->error); }

static void expect(struct trained *trained, enum minnow_status expected, const char *part) {
    assert_int_equal(run_trainer(trained), expected);
    if (!strstr(trained->error.message, part)) fail_msg("'%s' is not in '%s'", part, trained->error.message);
}

static void assert_same_weights(void) {
    assert_int_equal(one.kept_count, other.kept_count);
    assert_memory_equal(one.kept, other.kept, one.kept_count * sizeof(float));
    assert_int_equal(one.result.best_step, other.result.best_step);
}

static bool is_there(const struct trained *trained, const char *name) {
    char path[3 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s.run/%s", trained->options.output, name);
    return access(path, F_OK) == 0;
}

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

/* ---- The same again -------------------------------------------------------------------------- */

static void test_a_seed_decides_every_bit(void **state) {
    (void)state;
    begin(&one, "embedding,score-kl:0.5");
    begin(&other, "embedding,score-kl:0.5");
    one.options.threads = other.options.threads = 2;
    run_well(&one);
    run_well(&other);
    assert_same_weights();
    begin(&other, "embedding,score-kl:0.5");
    other.options.seed = 2;
    run_well(&other);
    assert_memory_not_equal(one.kept, other.kept, one.kept_count * sizeof(float));
}

static void go_on(struct trained *trained, const char *losses) {
    begin(trained, losses);
    trained->options.resume = true;
    run_well(trained);
}

/* Between evaluations, and right behind one. */
static void test_a_stopped_run_goes_on(void **state) {
    (void)state;
    static const uint64_t stops[] = {0, 1, 5, 7, 13, 19};
    const char *losses = "embedding,contrastive:0.1,margin-mse:0.01";
    begin(&one, losses);
    run_well(&one);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        uint64_t steps = stops[i];
        begin(&other, losses);
        other.stop_after = steps ? steps : 1;
        other.asked = !steps; /* stops when it is asked for the first time */
        run_well(&other);
        assert_true(other.result.stopped);
        assert_int_equal(other.result.steps, steps);
        assert_true(is_there(&other, "state"));
        go_on(&other, losses);
        assert_false(other.result.stopped);
        assert_int_equal(other.report_count, 4 - steps / 5); /* nothing is measured twice */
        assert_same_weights();
        assert_memory_equal(&one.result.held_out_loss, &other.result.held_out_loss, sizeof(double));
    }
}

/* What is measured is not learned from: not by the scale of cosines either. */
static void test_evaluations_change_nothing(void **state) {
    (void)state;
    student->contents.similarity = MINNOW_COSINE;
    begin(&one, "margin-mse");
    begin(&other, "margin-mse");
    one.options.role = other.options.role = MINNOW_DISTILL_BOTH;
    one.options.evaluate_every = 1;
    other.options.evaluate_every = 20;
    run_well(&one);
    run_well(&other);
    student->contents.similarity = MINNOW_DOT;
    assert_int_equal(one.report_count, 21);
    assert_memory_equal(&one.reports[20].held_out_loss, &other.reports[1].held_out_loss, sizeof(double));
}

/* The process ends while the student is kept: the state is that of the evaluation before. */
static void test_a_killed_run_goes_on(void **state) {
    (void)state;
    begin(&one, "embedding");
    run_well(&one);
    begin(&other, "embedding");
    other.fail_at = 3;
    expect(&other, MINNOW_IO, "killed");
    go_on(&other, "embedding");
    assert_same_weights();
    assert_int_equal(other.report_count, 2); /* the third evaluation and the last */
}

static void test_another_run_is_not_gone_on_with(void **state) {
    (void)state;
    begin(&one, "embedding");
    one.stop_after = 7;
    run_well(&one);
    begin(&one, "embedding");
    expect(&one, MINNOW_INVALID_ARGUMENT, "--resume goes on with it");
    begin(&one, "embedding");
    one.options.resume = true;
    one.options.rate = 1e-3;
    expect(&one, MINNOW_INVALID_ARGUMENT, "other options");
    begin(&one, "embedding");
    one.options.resume = true;
    one.options.negatives = 2;
    expect(&one, MINNOW_INVALID_ARGUMENT, "other options");
    go_on(&one, "embedding");
}

/* Places in the run's own arrays, as they lie in the file: the best record, the batch that comes next. */
static void test_a_damaged_state_is_refused(void **state) {
    (void)state;
    static const long places[] = {72, 72 + 16 + 16 + 8 * MINNOW_MOST_LOSSES + 24 + 8};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[3 * FOLDER_PATH];
        begin(&one, "embedding");
        one.stop_after = 7;
        run_well(&one);
        snprintf(path, sizeof path, "%s.run/state", one.options.output);
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        fseek(file, places[i], SEEK_SET);
        fputs("12345", file);
        fclose(file);
        begin(&one, "embedding");
        one.options.resume = true;
        expect(&one, MINNOW_INVALID_ARGUMENT, "state: is damaged");
        remove(path);
    }
}

static void test_patience_ends_a_run(void **state) {
    (void)state;
    begin(&one, "embedding");
    one.options.steps = 200;
    one.options.patience = 1;
    one.options.rate = 0.5; /* too fast for anything to become better for long */
    run_well(&one);
    assert_true(one.result.steps < 200);
    assert_true(one.result.best_step < one.result.steps);
}

/* ---- What is wrong --------------------------------------------------------------------------- */

static void test_a_bad_line_is_named(void **state) {
    (void)state;
    struct folder bad = folder_create();
    FILE *file = open_within(&bad, "some.jsonl");
    fputs("{\"query\": \"fish\", \"passage\": \"water\"}\n{\"query\": \"fish\"}\n", file);
    fclose(file);
    begin(&one, "contrastive");
    one.options.data = bad.path;
    expect(&one, MINNOW_BAD_INPUT, "some.jsonl:2");
    file = open_within(&bad, "some.jsonl");
    fclose(file);
    expect(&one, MINNOW_BAD_INPUT, "nothing to train on");
    folder_remove(bad.path);
}

static void test_what_cannot_be_is_named(void **state) {
    (void)state;
    begin(&one, "embeding");
    expect(&one, MINNOW_INVALID_ARGUMENT, "found 'embeding', expected NAME[:WEIGHT],... of embedding");
    begin(&one, "embedding:-1");
    expect(&one, MINNOW_INVALID_ARGUMENT, "a weight above 0");
    begin(&one, "embedding");
    one.options.epochs = 2;
    expect(&one, MINNOW_INVALID_ARGUMENT, "more than one of steps, epochs and minutes");
    begin(&one, "embedding");
    one.options.rate = 7;
    expect(&one, MINNOW_INVALID_ARGUMENT, "rate: found 7");
    begin(&one, "lead");
    expect(&one, MINNOW_INVALID_ARGUMENT, "expected --role both");
    begin(&one, "lead");
    one.options.role = MINNOW_DISTILL_BOTH;
    one.options.layer_pairs = 3;
    expect(&one, MINNOW_INVALID_ARGUMENT, "lead: 3 layers are to be drawn");
    begin(&one, "score-kl");
    one.teacher = NULL;
    expect(&one, MINNOW_INVALID_ARGUMENT, "teacher is missing");
}

static void test_an_output_that_cannot_be(void **state) {
    (void)state;
    begin(&one, "embedding");
    one.options.output = "/nowhere/at/all";
    expect(&one, MINNOW_IO, "/nowhere/at/all.run");
}

/* In a folder that is replaced whole, the state would go with it. */
static void test_what_lies_beside_is_not_inside(void **state) {
    (void)state;
    char output[3 * FOLDER_PATH];
    snprintf(output, sizeof output, "%s//", outputs[0]);
    remove_runs();
    begin(&one, "embedding");
    one.options.output = output;
    run_well(&one);
    one.options.output = outputs[0];
    assert_true(is_there(&one, "metrics.jsonl"));
}

/* Files of more than some kilobytes cannot be written: the state that is there stays whole, and a run goes on. */
static void test_a_full_disk_loses_nothing(void **state) {
    (void)state;
    struct rlimit before, small;
    begin(&one, "embedding");
    run_well(&one);
    begin(&other, "embedding");
    other.stop_after = 12;
    run_well(&other);
    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){4096, before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    begin(&other, "embedding");
    other.options.resume = true;
    enum minnow_status status = run_trainer(&other);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, MINNOW_IO);
    go_on(&other, "embedding");
    assert_same_weights();
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
        cmocka_unit_test(test_a_seed_decides_every_bit),
        cmocka_unit_test(test_a_stopped_run_goes_on),
        cmocka_unit_test(test_evaluations_change_nothing),
        cmocka_unit_test(test_a_killed_run_goes_on),
        cmocka_unit_test(test_another_run_is_not_gone_on_with),
        cmocka_unit_test(test_a_damaged_state_is_refused),
        cmocka_unit_test(test_patience_ends_a_run),
        cmocka_unit_test(test_a_bad_line_is_named),
        cmocka_unit_test(test_what_cannot_be_is_named),
        cmocka_unit_test(test_an_output_that_cannot_be),
        cmocka_unit_test(test_what_lies_beside_is_not_inside),
        cmocka_unit_test(test_a_full_disk_loses_nothing),
        cmocka_unit_test(test_scores_from_files),
    };
    return cmocka_run_group_tests(tests, make_models, free_models);
}
