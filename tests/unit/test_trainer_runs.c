/* Runs of the trainer: that they are repeatable, what becomes of those that are interrupted, and what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "tests/unit/trainer_fixture.h"

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

static void begin_rounded(struct trained *trained) {
    begin(trained, "embedding");
    trained->options.quantize = "s4";
    trained->options.steps = 60;
    trained->options.held_out = -1; /* the last is best */
}

/* The exact weights and the grid are in the state, which is written between two grids. */
static void test_a_rounded_run_goes_on(void **state) {
    (void)state;
    begin_rounded(&one);
    run_well(&one);
    for (uint64_t stop = 5; stop < 60; stop += 24) {
        begin_rounded(&other);
        other.stop_after = stop;
        run_well(&other);
        assert_int_equal(other.result.steps, stop);
        begin_rounded(&other);
        other.options.resume = true;
        run_well(&other);
        assert_same_weights();
    }
}

static void begin_both(struct trained *trained) {
    begin(trained, "contrastive,score-kl,lead");
    trained->options.role = MINNOW_DISTILL_BOTH;
    trained->options.teacher_rate = 1e-3;
    trained->options.held_out = -1;
}

static void test_a_teacher_that_learns_goes_on(void **state) {
    (void)state;
    begin_both(&one);
    run_well(&one);
    begin_both(&other);
    other.stop_after = 7;
    run_well(&other);
    begin_both(&other);
    other.options.resume = true;
    run_well(&other);
    assert_same_weights();
    begin_both(&other);
    other.options.teacher_rate = 1e-5;
    run_well(&other);
    assert_memory_not_equal(one.kept, other.kept, one.kept_count * sizeof(float));
}

/* Steps that are only timed are taken back, those of rounded weights and of a teacher that learns too. */
static void test_timed_steps_change_nothing(void **state) {
    (void)state;
    static const char *const quantize[] = {NULL, "s4", NULL};
    static const double teacher_rates[] = {0, 0, 1e-3};
    for (int i = 0; i < 3; i++) {
        struct trained *runs[] = {&one, &other};
        remove_runs();
        for (int timed = 0; timed < 2; timed++) {
            begin(runs[timed], "contrastive,score-kl");
            runs[timed]->options.role = MINNOW_DISTILL_BOTH;
            runs[timed]->options.quantize = quantize[i];
            runs[timed]->options.teacher_rate = teacher_rates[i];
            runs[timed]->stop_after = 1;
            if (timed) runs[timed]->options.steps = 0;
            if (timed) runs[timed]->options.minutes = 1;
            run_well(runs[timed]);
        }
        assert_memory_equal(&one.reports[0].held_out_loss, &other.reports[0].held_out_loss, sizeof(double));
    }
    remove_runs();
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
    begin(&one, "embedding");
    one.options.quantize = "s2";
    expect(&one, MINNOW_INVALID_ARGUMENT, "quantize: found 's2', expected s4");
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

static void test_an_output_that_another_process_has(void **state) {
    (void)state;
    char folder[3 * FOLDER_PATH];
    begin(&one, "embedding");
    snprintf(folder, sizeof folder, "%.1000s.run", one.options.output);
    mkdir(folder, 0777);
    int lock = open(folder, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
    expect(&one, MINNOW_BUSY, "another process trains this student");
    close(lock);
    begin(&one, "embedding");
    run_well(&one);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_seed_decides_every_bit),
        cmocka_unit_test(test_a_stopped_run_goes_on),
        cmocka_unit_test(test_a_rounded_run_goes_on),
        cmocka_unit_test(test_a_teacher_that_learns_goes_on),
        cmocka_unit_test(test_timed_steps_change_nothing),
        cmocka_unit_test(test_evaluations_change_nothing),
        cmocka_unit_test(test_a_killed_run_goes_on),
        cmocka_unit_test(test_another_run_is_not_gone_on_with),
        cmocka_unit_test(test_a_damaged_state_is_refused),
        cmocka_unit_test(test_patience_ends_a_run),
        cmocka_unit_test(test_a_bad_line_is_named),
        cmocka_unit_test(test_what_cannot_be_is_named),
        cmocka_unit_test(test_an_output_that_cannot_be),
        cmocka_unit_test(test_an_output_that_another_process_has),
        cmocka_unit_test(test_what_lies_beside_is_not_inside),
        cmocka_unit_test(test_a_full_disk_loses_nothing),
    };
    return cmocka_run_group_tests(tests, make_models, free_models);
}
