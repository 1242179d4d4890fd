/* Metrics against values worked out by hand, and the reader of BEIR folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "convert/eval/beir.h"
#include "convert/eval/metrics.h"

static struct minnow_metrics measure(const int32_t *ranked, size_t ranked_count, const int32_t *judged,
                                     size_t judged_count) {
    struct minnow_metrics metrics;
    assert_true(minnow_metrics_of_query(ranked, ranked_count, judged, judged_count, &metrics));
    return metrics;
}

static void assert_near(double found, double expected) {
    if (!(found - expected < 1e-9 && expected - found < 1e-9)) fail_msg("%.12f is not %.12f", found, expected);
}

static void test_perfect_ranking(void **state) {
    (void)state;
    struct minnow_metrics metrics = measure((int32_t[]){3, 2, 1, 0}, 4, (int32_t[]){1, 0, 3, 2}, 4);
    assert_near(metrics.ndcg_at_10, 1);
    assert_near(metrics.mrr_at_10, 1);
    assert_near(metrics.recall_at_100, 1);
}

static void test_graded_ranking(void **state) {
    (void)state;
    /* Gain 2 / log2(3) + 1 / log2(5) over the ideal 3 / log2(2) + 2 / log2(3) + 1 / log2(4). */
    struct minnow_metrics metrics = measure((int32_t[]){0, 2, 0, 1}, 4, (int32_t[]){3, 2, 1, 0, -1}, 5);
    assert_near(metrics.ndcg_at_10,
                (2 / 1.5849625007211562 + 1 / 2.321928094887362) / (3 + 2 / 1.5849625007211562 + 1 / 2.0));
    assert_near(metrics.mrr_at_10, 0.5);
    assert_near(metrics.recall_at_100, 2.0 / 3);
}

static void test_negative_judgements_are_not_relevant(void **state) {
    (void)state;
    struct minnow_metrics metrics = measure((int32_t[]){-1, 1}, 2, (int32_t[]){-1, -1, 1}, 3);
    assert_near(metrics.ndcg_at_10, 1 / 1.5849625007211562);
    assert_near(metrics.mrr_at_10, 0.5);
    assert_near(metrics.recall_at_100, 1);
}

static void test_depths(void **state) {
    (void)state;
    int32_t ranked[102] = {0}, judged[] = {1, 1, 1};
    ranked[10] = ranked[99] = ranked[100] = 1; /* ranks 11, 100 and 101 */
    struct minnow_metrics metrics = measure(ranked, 102, judged, 3);
    assert_near(metrics.ndcg_at_10, 0);
    assert_near(metrics.mrr_at_10, 0);
    assert_near(metrics.recall_at_100, 2.0 / 3);
    ranked[9] = 1;
    metrics = measure(ranked, 102, (int32_t[]){1, 1, 1, 1}, 4);
    assert_near(metrics.mrr_at_10, 0.1);
}

static void test_ideal_takes_the_ten_best(void **state) {
    (void)state;
    int32_t judged[40], best[10];
    for (int32_t i = 0; i < 40; i++) judged[i] = (i * 7) % 40; /* 0 to 39, mixed */
    for (int32_t i = 0; i < 10; i++) best[i] = 39 - i;
    assert_near(measure(best, 10, judged, 40).ndcg_at_10, 1);
    best[9] = 29;
    assert_true(measure(best, 10, judged, 40).ndcg_at_10 < 1);
}

static void test_nothing_relevant_is_left_out(void **state) {
    (void)state;
    struct minnow_metrics metrics = {7, 7, 7};
    assert_false(minnow_metrics_of_query((int32_t[]){0}, 1, (int32_t[]){0, -1}, 2, &metrics));
    assert_false(minnow_metrics_of_query(NULL, 0, NULL, 0, &metrics));
    assert_near(metrics.ndcg_at_10, 7);
    assert_near(measure(NULL, 0, (int32_t[]){1}, 1).recall_at_100, 0);
}

/* ---- Folders ------------------------------------------------------------------------------ */

static void write_text(const char *folder, const char *name, const char *text) {
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static enum minnow_status read_folder(const char *corpus, const char *queries, const char *qrels,
                                      struct minnow_beir *beir, struct minnow_error *error) {
    char folder[] = "/tmp/minnow-beir-XXXXXX", path[200];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/qrels", folder);
    mkdir(path, 0700);
    write_text(folder, "corpus.jsonl", corpus);
    write_text(folder, "queries.jsonl", queries);
    write_text(folder, "qrels/test.tsv", qrels);
    enum minnow_status status = minnow_beir_read(folder, "test", beir, error);
    snprintf(path, sizeof path, "rm -rf '%s'", folder);
    assert_int_equal(system(path), 0);
    return status;
}

static const char corpus[] =
    "{\"_id\":\"9\",\"text\":\"a\"}\n{\"_id\":\"10\",\"text\":\"b\"}\n{\"_id\":\"z\",\"text\":\"c\"}\n";
static const char queries[] = "{\"_id\":\"q1\",\"text\":\"a\"}\n{\"_id\":\"q2\",\"text\":\"b\"}\n";

static void test_folder(void **state) {
    (void)state;
    struct minnow_beir beir;
    struct minnow_error error = {0};
    const char *qrels =
        "query-id\tcorpus-id\tscore\r\nq1\t9\t1\r\nq1\t10\t2\r\nq1\t9\t3\r\nq2\tgone\t1\r\nq9\t9\t1\r\n\r\n";
    if (read_folder(corpus, queries, qrels, &beir, &error)) fail_msg("%s", error.message);
    assert_int_equal(beir.corpus.count, 3);
    assert_memory_equal(beir.corpus.items[0].id.bytes, "z", 1); /* descending, as bytes */
    assert_memory_equal(beir.corpus.items[1].id.bytes, "9", 1);
    assert_memory_equal(beir.corpus.items[2].id.bytes, "10", 2);
    assert_int_equal(beir.judgement_count, 3); /* the second judgement of 9 replaces its first; q9 is unknown */
    assert_memory_equal(beir.queries.items[beir.judgements[0].query].id.bytes, "q2", 2);
    assert_int_equal(beir.judgements[0].document, MINNOW_NO_DOCUMENT);
    for (size_t i = 1; i < 3; i++) {
        bool nine = beir.judgements[i].document == 1;
        assert_true(nine || beir.judgements[i].document == 2);
        assert_int_equal(beir.judgements[i].relevance, nine ? 3 : 2);
    }
    minnow_beir_free(&beir);
}

static void expect_failure(const char *bad_corpus, const char *bad_queries, const char *qrels, const char *part) {
    struct minnow_beir beir;
    struct minnow_error error = {0};
    assert_int_equal(read_folder(bad_corpus, bad_queries, qrels, &beir, &error), MINNOW_BAD_INPUT);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in '%s'", part, error.message);
}

static void test_folder_errors(void **state) {
    (void)state;
    const char *good = "q1\t9\t1\n";
    expect_failure("{\"_id\":\"9\"}", queries, good, "corpus.jsonl:1: \"text\" is missing");
    expect_failure("{\"_id\":\"9\",\"text\":\"\"}\n{\"_id\":\"9\",\"text\":\"\"}", queries, good,
                   "corpus.jsonl: _id \"9\" is there twice");
    expect_failure(corpus, "", good, "no judgement");
    expect_failure(corpus, queries, "", "no judgement");
    expect_failure(corpus, queries, "q1\t9\t1\nq1\t9\n", "test.tsv:2: expected three fields");
    expect_failure(corpus, queries, "q1\t9\t1\nq1\t9\t1.5\n", "test.tsv:2: expected three fields");
    expect_failure(corpus, queries, "q1\t9\t1\nq1\t9\t1\tx\n", "test.tsv:2: expected three fields");
    expect_failure(corpus, queries, "q1\t9\t1\nq1\t9\t99999999999\n", "test.tsv:2: expected three fields");
    struct minnow_beir beir;
    struct minnow_error error = {0};
    assert_int_equal(minnow_beir_read("/nonexistent", "test", &beir, &error), MINNOW_IO);
    assert_non_null(strstr(error.message, "/nonexistent/corpus.jsonl"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_perfect_ranking),
        cmocka_unit_test(test_graded_ranking),
        cmocka_unit_test(test_negative_judgements_are_not_relevant),
        cmocka_unit_test(test_depths),
        cmocka_unit_test(test_ideal_takes_the_ten_best),
        cmocka_unit_test(test_nothing_relevant_is_left_out),
        cmocka_unit_test(test_folder),
        cmocka_unit_test(test_folder_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
