#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "index_fixture.h"
#include "runtime/index/top_k.h"

enum { MOST = 300 };

static int by_rank(const void *a, const void *b) {
    const struct minnow_hit *x = a, *y = b;
    return minnow_hit_better(*x, *y) ? -1 : minnow_hit_better(*y, *x);
}

static void check(struct random_state *random, size_t count, size_t k) {
    struct minnow_hit all[MOST], kept[MOST + 1];
    struct minnow_top_k top = {.hits = kept, .capacity = k};
    kept[k] = (struct minnow_hit){-77, -77};
    for (size_t i = 0; i < count; i++) /* few different scores: many ties */
        all[i] = (struct minnow_hit){(int64_t)((i * 37) % count), (float)random_below(random, 9) - 4};
    for (size_t i = 0; i < count; i++) minnow_top_k_offer(&top, all[i].document, all[i].score);
    minnow_top_k_sort(&top);
    qsort(all, count, sizeof *all, by_rank);
    assert_int_equal(top.count, count < k ? count : k);
    for (size_t i = 0; i < top.count; i++) {
        assert_true(kept[i].document == all[i].document);
        assert_true(kept[i].score == all[i].score);
    }
    assert_true(kept[k].document == -77);
}

static void equals_sorting(void **state) {
    (void)state;
    struct random_state random = {1};
    for (size_t round = 0; round < 2000; round++)
        check(&random, 1 + random_below(&random, MOST), random_below(&random, MOST));
}

static void k_at_its_edges(void **state) {
    (void)state;
    struct random_state random = {2};
    static const size_t ks[] = {0, 1, 2, 49, 50, 51, MOST};
    for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) check(&random, 50, ks[i]);
    struct minnow_top_k empty = {.capacity = 3};
    minnow_top_k_sort(&empty);
    assert_int_equal(empty.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_sorting), cmocka_unit_test(k_at_its_edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
