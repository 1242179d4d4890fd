/* Every family of students over every family's index: searched by its own kind, reranked by all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "runtime/index/encode_parts.h"
#include "runtime/score.h"
#include "tests/unit/parts_fixture.h"
#include "tests/unit/small_families.h"

enum { COUNT = 150 }; /* more than two batches */

struct family {
    struct small_model *small;
    struct minnow_model *model;
    struct minnow_session *session;
};

static struct index_folder folder;
static struct minnow_error error;
static struct family families[SMALL_FAMILIES];
static struct minnow_document documents[COUNT];
static char ids[COUNT][16], texts[COUNT][120], joined[COUNT][140];

#define must(call)                                                                                                     \
    do {                                                                                                               \
        if ((call) != MINNOW_OK) fail_msg("%s", error.message);                                                        \
    } while (0)

/* In a space of its own. */
static struct family open_family(enum small_family which, uint32_t threads, uint32_t dimensions) {
    struct family family = {.small = small_family_make(which, MINNOW_WEIGHT_S8)};
    struct minnow_session_options options = {.size = sizeof options, .threads = threads, .dimensions = dimensions};
    family.small->contents.space[0] = (uint8_t)which;
    must(minnow_model_open_contents(&family.small->contents, NULL, &family.model, &error));
    must(minnow_session_create(family.model, &options, &family.session, &error));
    return family;
}

static void close_family(struct family *family) {
    minnow_session_close(family->session);
    minnow_model_close(family->model);
    small_model_free(family->small);
}

/* Texts of the models' few words, each third with a title. */
static void make_documents(void) {
    static const char *const words[] = {"fish", "river", "rivers", "water", "a", "of", "the", "fishing", "?"};
    struct random_state random = {5};
    for (size_t i = 0; i < COUNT; i++) {
        int size = 0;
        const char *title = i % 3 ? "" : "the water";
        for (size_t w = random_below(&random, 12); w; w--)
            size += snprintf(texts[i] + size, sizeof texts[i] - (size_t)size, "%s ", words[random_below(&random, 9)]);
        snprintf(ids[i], sizeof ids[i], "d%zu", i);
        strcat(strcpy(joined[i], *title ? "the water " : ""), texts[i]);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of(title), text_of(texts[i])};
    }
}

static int set_up(void **state) {
    (void)state;
    make_documents();
    folder = index_folder_create(NULL);
    for (int i = 0; i < SMALL_FAMILIES; i++) families[i] = open_family((enum small_family)i, 1, 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (int i = 0; i < SMALL_FAMILIES; i++) close_family(&families[i]);
    index_folder_remove(&folder);
    return 0;
}

/* A new index of the family, with all documents. */
static struct minnow_index *make_index(const struct family *family, const struct minnow_index_options *options,
                                       struct minnow_text_result *results) {
    struct minnow_index *index;
    remove(folder.index);
    must(minnow_index_open(folder.index, family->model, options, &index, &error));
    must(minnow_index_add(index, family->session, documents, COUNT, results, &error));
    return index;
}

static const struct minnow_text query = {"the river of fishing water", 26};

static void score_texts(struct minnow_session *session, float scores[COUNT]) {
    struct minnow_text list[COUNT];
    for (size_t i = 0; i < COUNT; i++) list[i] = text_of(joined[i]);
    must(minnow_score(session, query, list, COUNT, scores, NULL, NULL, &error));
}

static void expect_order(const struct minnow_hit *hits, size_t count) {
    for (size_t i = 1; i < count; i++)
        assert_true(hits[i - 1].score > hits[i].score ||
                    (hits[i - 1].score == hits[i].score && hits[i - 1].document < hits[i].document));
}

/* Hits of all documents, whose numbers are 1, 2, ...; `tolerance`: of the largest score. */
static void expect_scores(const struct minnow_hit *hits, const float scores[COUNT], float tolerance) {
    float most = 0;
    for (size_t i = 0; i < COUNT; i++) most = fmaxf(most, fabsf(scores[i]));
    for (size_t i = 0; i < COUNT; i++) {
        float expected = scores[hits[i].document - 1];
        if (!(fabsf(hits[i].score - expected) <= tolerance * most))
            fail_msg("document %lld: %g, expected %g", (long long)hits[i].document, (double)hits[i].score,
                     (double)expected);
    }
    expect_order(hits, COUNT);
}

/* Joint layers make different numbers of a byte a number, but nearly the same order. */
static double correlation(const struct minnow_hit *hits, const float scores[COUNT]) {
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < COUNT; i++) {
        double a = (double)hits[i].score, b = (double)scores[hits[i].document - 1];
        x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
    }
    return (COUNT * xy - x * y) / sqrt((COUNT * xx - x * x) * (COUNT * yy - y * y));
}

/* Scores by what an index stores of the documents. */
static void score_parts(struct minnow_session *session, float scores[COUNT]) {
    struct minnow_part parts[COUNT] = {{0}};
    struct minnow_text list[COUNT];
    for (size_t i = 0; i < COUNT; i++) list[i] = text_of(joined[i]);
    must(minnow_encode_parts(session, list, COUNT, parts, NULL, &error));
    must(minnow_score_query(session, query, NULL, &error));
    must(minnow_score_joint(session, parts, COUNT, scores, &error));
    for (size_t i = 0; i < COUNT; i++) minnow_part_free(&parts[i]);
}

static void expect_own_scores(struct family *family, const struct minnow_hit *hits) {
    float scores[COUNT];
    score_texts(family->session, scores);
    if (family->small->contents.similarity != MINNOW_JOINT) {
        expect_scores(hits, scores, 0.02f);
        return;
    }
    print_message("  correlation with scores of texts %.5f\n", correlation(hits, scores));
    assert_true(correlation(hits, scores) > 0.99);
    score_parts(family->session, scores);
    expect_scores(hits, scores, 0);
}

static bool can_make_index(int family) { return family != SMALL_CROSS_ENCODER; }

/* ---- Tests --------------------------------------------------------------------------------- */

/* What is stored in bytes gives nearly the scores of the texts, and reranking all gives those of a search. */
static void indexes_of_every_family(void **state) {
    (void)state;
    for (int i = 0; i < SMALL_FAMILIES; i++) {
        if (!can_make_index(i)) continue;
        struct minnow_hit hits[COUNT], reranked[COUNT];
        size_t found;
        struct minnow_text_result results[COUNT];
        struct minnow_index *index = make_index(&families[i], NULL, results);
        bool joint = families[i].small->contents.similarity == MINNOW_JOINT;
        print_message("%s\n", small_family_names[i]);
        must(minnow_index_rerank(index, families[i].session, query, 0, COUNT, reranked, &found, &error));
        assert_int_equal(found, COUNT);
        expect_own_scores(&families[i], reranked);
        must(minnow_index_search(index, families[i].session, query, COUNT, 0, hits, &found, &error));
        if (!joint) assert_int_equal(found, COUNT);
        for (size_t h = 0, r = 0; h < found; h++, r++) { /* joint: only those that have the query's words */
            while (joint && r < COUNT && reranked[r].document != hits[h].document) r++;
            assert_memory_equal(&hits[h], &reranked[r], sizeof *hits);
        }
        assert_true(found > COUNT / 2);
        for (size_t d = 0; d < COUNT; d++) assert_true(results[d].tokens <= MAX_TOKENS);
        minnow_index_close(index);
    }
}

/* By their texts, as minnow_score gives it: whoever made the index. */
static void every_family_reranks_every_index(void **state) {
    (void)state;
    float scores[SMALL_FAMILIES][COUNT];
    for (int i = 0; i < SMALL_FAMILIES; i++) score_texts(families[i].session, scores[i]);
    for (int i = 0; i < SMALL_FAMILIES; i++) {
        if (!can_make_index(i)) continue;
        struct minnow_index_options options = {.size = sizeof options, .read_only = true};
        struct minnow_index *index;
        minnow_index_close(make_index(&families[i], NULL, NULL));
        must(minnow_index_open(folder.index, NULL, &options, &index, &error));
        for (int r = 0; r < SMALL_FAMILIES; r++) {
            struct minnow_hit hits[COUNT];
            size_t found;
            must(minnow_index_rerank(index, families[r].session, query, 0, COUNT, hits, &found, &error));
            assert_int_equal(found, COUNT);
            if (r == i) continue;
            expect_scores(hits, scores[r], 0);
            assert_int_equal(minnow_index_search(index, families[r].session, query, 1, 0, hits, &found, &error),
                             MINNOW_SPACE_MISMATCH);
            assert_non_null(strstr(error.message, "rerank"));
            assert_int_equal(found, 0);
        }
        minnow_index_close(index);
    }
}

static void spaces_are_not_mixed(void **state) {
    (void)state;
    struct minnow_index_options reading = {.size = sizeof reading, .read_only = true};
    struct minnow_index *other;
    for (int i = 0; i < SMALL_FAMILIES; i++) {
        if (!can_make_index(i)) continue;
        struct minnow_index *index = make_index(&families[i], NULL, NULL);
        for (int r = 0; r < SMALL_FAMILIES; r++) {
            if (r == i) continue;
            enum minnow_status expected = can_make_index(r) ? MINNOW_SPACE_MISMATCH : MINNOW_UNSUPPORTED;
            assert_int_equal(minnow_index_open(folder.index, families[r].model, NULL, &other, &error), expected);
            assert_int_equal(minnow_index_add(index, families[r].session, documents, 1, NULL, &error),
                             MINNOW_SPACE_MISMATCH);
        }
        minnow_index_close(index);
    }
    assert_int_equal(minnow_index_open(folder.index, families[SMALL_CROSS_ENCODER].model, NULL, &other, &error),
                     MINNOW_UNSUPPORTED);
    assert_non_null(strstr(error.message, "minnow_index_rerank"));
    must(minnow_index_open(folder.index, families[SMALL_CROSS_ENCODER].model, &reading, &other, &error));
    minnow_index_close(other);
    assert_int_equal(minnow_index_open(folder.index, NULL, NULL, &other, &error), MINNOW_INVALID_ARGUMENT);
}

/* The same numbers, but vectors of another kind. */
static void one_fingerprint_is_not_enough(void **state) {
    (void)state;
    struct family tokens = open_family(SMALL_LATE_INTERACTION, 1, 0), joined_late = open_family(SMALL_JOINED_LATE, 1, 0);
    struct minnow_index *index = make_index(&tokens, NULL, NULL), *other;
    joined_late.model->contents.space[0] = SMALL_LATE_INTERACTION;
    assert_int_equal(minnow_index_open(folder.index, joined_late.model, NULL, &other, &error), MINNOW_SPACE_MISMATCH);
    assert_non_null(strstr(error.message, "maxsim"));
    assert_non_null(strstr(error.message, "joint"));
    minnow_index_close(index);
    close_family(&tokens);
    close_family(&joined_late);
}

static void candidates_have_the_words(void **state) {
    (void)state;
    static const int makers[] = {SMALL_BI_ENCODER, SMALL_LATE_INTERACTION, SMALL_KERNEL_POOLING};
    static const struct minnow_text rivers = {"rivers", 6}, none = {"...", 3};
    for (size_t i = 0; i < 3; i++) {
        struct minnow_index *index = make_index(&families[makers[i]], NULL, NULL);
        for (int r = 0; r < SMALL_FAMILIES; r++) {
            struct minnow_hit hits[COUNT];
            size_t found, all = 0;
            for (size_t d = 0; d < COUNT; d++) all += strstr(texts[d], "rivers") != NULL;
            must(minnow_index_rerank(index, families[r].session, rivers, COUNT, COUNT, hits, &found, &error));
            assert_int_equal(found, all);
            for (size_t h = 0; h < found; h++) assert_non_null(strstr(texts[hits[h].document - 1], "rivers"));
            expect_order(hits, found);
            must(minnow_index_rerank(index, families[r].session, rivers, 7, COUNT, hits, &found, &error));
            assert_int_equal(found, 7);
            must(minnow_index_rerank(index, families[r].session, rivers, 7, 3, hits, &found, &error));
            assert_int_equal(found, 3);
            must(minnow_index_rerank(index, families[r].session, none, 7, COUNT, hits, &found, &error));
            assert_int_equal(found, 0);
        }
        minnow_index_close(index);
    }
}

static void threads_change_nothing(void **state) {
    (void)state;
    for (int i = 0; i < SMALL_FAMILIES; i++) {
        struct minnow_hit one[COUNT], two[COUNT];
        size_t found;
        struct family divided = open_family((enum small_family)i, 2, 0);
        struct minnow_index *index = make_index(&families[can_make_index(i) ? i : SMALL_STATIC], NULL, NULL);
        must(minnow_index_rerank(index, families[i].session, query, 0, COUNT, one, &found, &error));
        must(minnow_index_rerank(index, divided.session, query, 0, COUNT, two, &found, &error));
        assert_memory_equal(one, two, sizeof one);
        if (can_make_index(i)) { /* and the same is stored */
            minnow_index_close(index);
            index = make_index(&divided, NULL, NULL);
            must(minnow_index_search(index, divided.session, query, COUNT, 0, one, &found, &error));
            for (size_t h = 0, r = 0; h < found; h++, r++) {
                while (r < COUNT && two[r].document != one[h].document) r++;
                assert_memory_equal(&one[h], &two[r], sizeof *one);
            }
        }
        minnow_index_close(index);
        close_family(&divided);
    }
}

static void a_warm_rerank_sees_what_changed(void **state) {
    (void)state;
    static const struct minnow_text rivers = {"rivers", 6};
    static const struct minnow_document added = {{"d1", 2}, {"", 0}, {"rivers rivers fishing", 21}};
    for (int i = 0; i < SMALL_FAMILIES; i++) {
        if (!can_make_index(i)) continue;
        struct minnow_index *index = make_index(&families[i], NULL, NULL), *fresh;
        struct minnow_hit hits[COUNT], expected[COUNT];
        size_t found, removed;
        must(minnow_index_rerank(index, families[i].session, rivers, 0, COUNT, hits, &found, &error));
        must(minnow_index_add(index, families[i].session, &added, 1, NULL, &error));
        must(minnow_index_remove(index, &documents[7].id, 1, &removed, &error));
        must(minnow_index_rerank(index, families[i].session, rivers, 0, COUNT, hits, &found, &error));
        assert_int_equal(found, COUNT - 1);
        must(minnow_index_open(folder.index, families[i].model, NULL, &fresh, &error));
        must(minnow_index_rerank(fresh, families[i].session, rivers, 0, COUNT, expected, &found, &error));
        assert_memory_equal(hits, expected, found * sizeof *hits);
        minnow_index_close(fresh);
        minnow_index_close(index);
    }
}

/* An index remembers how long its vectors were cut. */
static void cut_vectors(void **state) {
    (void)state;
    struct family cut = open_family(SMALL_LSTM, 1, 8);
    struct minnow_index_options options = {.size = sizeof options, .dimensions = 8};
    struct minnow_index *index = NULL, *other;
    struct minnow_index_info info;
    struct minnow_hit hit;
    size_t found;
    assert_int_equal(minnow_index_open(folder.index, families[SMALL_LSTM].model, &options, &other, &error), MINNOW_OK);
    minnow_index_close(other);
    index = make_index(&cut, &options, NULL);
    minnow_index_info(index, &info);
    assert_true(info.dimensions == 8 && info.similarity == MINNOW_COSINE && info.space[0] == SMALL_LSTM);
    must(minnow_index_search(index, cut.session, query, 1, 0, &hit, &found, &error));
    assert_int_equal(minnow_index_search(index, families[SMALL_LSTM].session, query, 1, 0, &hit, &found, &error),
                     MINNOW_SPACE_MISMATCH);
    minnow_index_close(index);
    must(minnow_index_open(folder.index, cut.model, NULL, &index, &error)); /* takes the size that is there */
    minnow_index_info(index, &info);
    assert_int_equal(info.dimensions, 8);
    minnow_index_close(index);
    options.dimensions = 4;
    assert_int_equal(minnow_index_open(folder.index, cut.model, &options, &other, &error), MINNOW_SPACE_MISMATCH);
    options.dimensions = DIMENSIONS + 1;
    assert_int_equal(minnow_index_open(folder.index, cut.model, &options, &other, &error), MINNOW_INVALID_ARGUMENT);
    options.dimensions = 8;
    assert_int_equal(
        minnow_index_open(folder.index, families[SMALL_LATE_INTERACTION].model, &options, &other, &error),
        MINNOW_INVALID_ARGUMENT);
    close_family(&cut);
}

/* A conversion of the same model with a lower limit: its layers have no room for longer parts. */
static void parts_of_longer_documents(void **state) {
    (void)state;
    static const int joints[] = {SMALL_JOINED_LATE, SMALL_KERNEL_POOLING};
    for (size_t i = 0; i < 2; i++) {
        struct family shorter = {.small = small_family_make((enum small_family)joints[i], MINNOW_WEIGHT_S8)};
        struct minnow_index *index = make_index(&families[joints[i]], NULL, NULL);
        struct minnow_hit hits[COUNT];
        size_t found;
        shorter.small->contents.space[0] = (uint8_t)joints[i];
        shorter.small->contents.inputs[MINNOW_DOCUMENT].max_tokens = 5;
        must(minnow_model_open_contents(&shorter.small->contents, NULL, &shorter.model, &error));
        must(minnow_session_create(shorter.model, NULL, &shorter.session, &error));
        assert_int_equal(minnow_index_rerank(index, shorter.session, query, 0, COUNT, hits, &found, &error),
                         MINNOW_SPACE_MISMATCH);
        assert_non_null(strstr(error.message, "at most 5"));
        minnow_index_close(index);
        close_family(&shorter);
    }
}

static void arguments_are_checked(void **state) {
    (void)state;
    struct minnow_session *session = families[SMALL_STATIC].session;
    struct minnow_index *index = make_index(&families[SMALL_STATIC], NULL, NULL);
    struct minnow_hit hit;
    size_t found;
    struct minnow_text bad = {NULL, 3};
    assert_int_equal(minnow_index_rerank(NULL, session, query, 0, 1, &hit, &found, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_rerank(index, NULL, query, 0, 1, &hit, &found, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_rerank(index, session, bad, 0, 1, &hit, &found, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_rerank(index, session, query, 0, 1, NULL, &found, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_index_rerank(index, session, query, 0, 1, &hit, NULL, &error), MINNOW_INVALID_ARGUMENT);
    must(minnow_index_rerank(index, session, query, 0, 0, NULL, &found, NULL));
    assert_int_equal(found, 0);
    minnow_index_close(index);
}

int main(void) {
#define with_families(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_families(indexes_of_every_family),         with_families(every_family_reranks_every_index),
        with_families(spaces_are_not_mixed),            with_families(one_fingerprint_is_not_enough),
        with_families(candidates_have_the_words),       with_families(threads_change_nothing),
        with_families(a_warm_rerank_sees_what_changed), with_families(cut_vectors),
        with_families(parts_of_longer_documents),       with_families(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
