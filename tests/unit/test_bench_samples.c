#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platforms/cli/bench_samples.h"

static struct minnow_summary summary_of(const double *values, size_t count) {
    struct minnow_samples samples = {0};
    for (size_t i = 0; i < count; i++) assert_true(minnow_samples_add(&samples, values[i]));
    struct minnow_summary summary = minnow_samples_summary(&samples);
    minnow_samples_free(&samples);
    return summary;
}

static void expect(double found, double expected) { assert_float_equal((float)found, (float)expected, 1e-6f); }

static void few_values(void **state) {
    (void)state;
    struct minnow_summary none = summary_of(NULL, 0), one = summary_of((const double[]){3}, 1),
                          four = summary_of((const double[]){4, 1, 2, 9}, 4);
    assert_int_equal(none.runs, 0);
    expect(none.median, 0);
    assert_int_equal(one.runs, 1);
    expect(one.p99, 3);
    expect(one.deviation, 0);
    expect(four.min, 1);
    expect(four.median, 3);
    expect(four.mean, 4);
    expect(four.p90, 9);
    expect(four.deviation, 3.5590260840104); /* sqrt((0 + 9 + 4 + 25) / 3) */
}

/* 1000 down to 1: many more than there is room for at first. */
static void nearest_ranks(void **state) {
    (void)state;
    double values[1000];
    for (int i = 0; i < 1000; i++) values[i] = 1000 - i;
    struct minnow_summary summary = summary_of(values, 1000);
    expect(summary.median, 500.5);
    expect(summary.p90, 900);
    expect(summary.p99, 990);
    expect(summary.min, 1);
    expect(summary.mean, 500.5);
    assert_int_equal(summary.runs, 1000);
    expect(summary_of(values, 101).p99, 999);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(few_values), cmocka_unit_test(nearest_ranks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
