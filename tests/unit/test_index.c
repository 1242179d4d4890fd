/* The store against brute force: adding, replacing, removing, searching, two connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "index_fixture.h"
#include "runtime/index/words.h"

enum { DIMENSIONS = 24, MOST = 400 };

/* What the index should hold: entry i has the id "i". */
struct mirror {
    bool there[MOST];
    float vectors[MOST][DIMENSIONS];
    int version[MOST]; /* how often it was put, part of its text */
};

struct bench {
    struct index_folder folder;
    struct minnow_index *index;
    struct mirror mirror;
    struct random_state random;
    struct minnow_error error;
};

static int set_up(void **state) {
    struct bench *bench = calloc(1, sizeof *bench);
    *state = bench;
    bench->random.state = 7;
    bench->folder = index_folder_create(NULL);
    struct minnow_space space = space_of(DIMENSIONS);
    return open_space(bench->folder.index, &space, false, &bench->index, &bench->error) == MINNOW_OK ? 0 : -1;
}

static int tear_down(void **state) {
    struct bench *bench = *state;
    minnow_index_close(bench->index);
    index_folder_remove(&bench->folder);
    free(bench);
    return 0;
}

#define must(call)                                                                                                     \
    do {                                                                                                               \
        if ((call) != MINNOW_OK) fail_msg("%s", bench->error.message);                                                 \
    } while (0)

/* ---- Brute force -------------------------------------------------------------------------- */

static float quantize(const float *vector, int *q) {
    float max = 0;
    for (size_t i = 0; i < DIMENSIONS; i++) max = fmaxf(max, fabsf(vector[i]));
    for (size_t i = 0; i < DIMENSIONS; i++) q[i] = (int)lrintf(vector[i] * (127 / max));
    return max / 127;
}

static float score_of(const float *query, const float *vector) {
    int a[DIMENSIONS], b[DIMENSIONS], dot = 0;
    float scale_a = quantize(query, a), scale_b = quantize(vector, b);
    for (size_t i = 0; i < DIMENSIONS; i++) dot += a[i] * b[i];
    return (float)dot * (scale_a * scale_b);
}

static size_t rank_of(const struct mirror *mirror, const float *query, float score) {
    size_t better = 0;
    for (size_t i = 0; i < MOST; i++) better += mirror->there[i] && score_of(query, mirror->vectors[i]) > score;
    return better;
}

static size_t count_of(const struct mirror *mirror) {
    size_t count = 0;
    for (size_t i = 0; i < MOST; i++) count += mirror->there[i];
    return count;
}

static void check_hit(struct bench *bench, struct minnow_index *index, const float *query, const struct minnow_hit *hit,
                      size_t rank) {
    struct minnow_document document;
    char id[16], text[64];
    must(minnow_index_document(index, hit->document, &document, &bench->error));
    snprintf(id, sizeof id, "%.*s", (int)document.id.size, document.id.bytes);
    size_t entry = strtoul(id, NULL, 10);
    assert_true(bench->mirror.there[entry]);
    assert_true(hit->score == score_of(query, bench->mirror.vectors[entry]));
    assert_int_equal(rank_of(&bench->mirror, query, hit->score), rank); /* random vectors have no ties */
    int size = snprintf(text, sizeof text, "text of %zu, version %d", entry, bench->mirror.version[entry]);
    assert_int_equal(document.text.size, size);
    assert_memory_equal(document.text.bytes, text, (size_t)size);
}

static void check_search(struct bench *bench, struct minnow_index *index, size_t k) {
    float query[DIMENSIONS];
    struct minnow_hit hits[MOST + 1];
    size_t found;
    uint64_t stored;
    random_vector(&bench->random, query, DIMENSIONS);
    must(minnow_store_search(index, query, text_of(""), k, 0, hits, &found, &bench->error));
    size_t count = count_of(&bench->mirror);
    assert_int_equal(found, k < count ? k : count);
    for (size_t i = 0; i < found; i++) check_hit(bench, index, query, &hits[i], i);
    must(minnow_index_count(index, &stored, &bench->error));
    assert_int_equal(stored, count);
}

/* ---- Changes, of the index and of the mirror ---------------------------------------------- */

static void put(struct bench *bench, struct minnow_index *index, const size_t *entries, size_t count) {
    static struct minnow_document documents[MOST];
    static char ids[MOST][16], texts[MOST][64];
    static float vectors[MOST][DIMENSIONS];
    struct mirror *mirror = &bench->mirror;
    for (size_t i = 0; i < count; i++) {
        size_t entry = entries[i];
        random_vector(&bench->random, vectors[i], DIMENSIONS);
        memcpy(mirror->vectors[entry], vectors[i], sizeof vectors[i]);
        mirror->there[entry] = true;
        snprintf(ids[i], sizeof ids[i], "%zu", entry);
        snprintf(texts[i], sizeof texts[i], "text of %zu, version %d", entry, ++mirror->version[entry]);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of(i % 2 ? "title" : ""), text_of(texts[i])};
    }
    must(minnow_store_put(index, documents, vectors[0], count, &bench->error));
}

static void put_range(struct bench *bench, size_t first, size_t count) {
    size_t entries[MOST];
    for (size_t i = 0; i < count; i++) entries[i] = first + i;
    put(bench, bench->index, entries, count);
}

static void take(struct bench *bench, struct minnow_index *index, const size_t *entries, size_t count) {
    struct minnow_text ids[MOST];
    char bytes[MOST][16];
    size_t removed, expected = 0;
    for (size_t i = 0; i < count; i++) {
        snprintf(bytes[i], sizeof bytes[i], "%zu", entries[i]);
        ids[i] = text_of(bytes[i]);
        expected += bench->mirror.there[entries[i]];
        bench->mirror.there[entries[i]] = false;
    }
    must(minnow_index_remove(index, ids, count, &removed, &bench->error));
    assert_int_equal(removed, expected);
}

/* ---- Tests -------------------------------------------------------------------------------- */

static void empty_index(void **state) {
    struct bench *bench = *state;
    check_search(bench, bench->index, 10);
    take(bench, bench->index, (size_t[]){3}, 1);
    put(bench, bench->index, NULL, 0);
    struct minnow_hit hit;
    float query[DIMENSIONS] = {1};
    size_t found = 7;
    must(minnow_store_search(bench->index, query, text_of("text"), 1, MINNOW_HYBRID, &hit, &found, &bench->error));
    assert_int_equal(found, 0);
    assert_true(index_is_sound(bench->index));
}

static void search_equals_brute_force(void **state) {
    struct bench *bench = *state;
    static const size_t sizes[] = {1, 62, 1, 1, 64, 100};
    for (size_t i = 0, first = 0; i < sizeof sizes / sizeof *sizes; first += sizes[i++]) {
        put_range(bench, first, sizes[i]);
        for (size_t k = 0; k <= MOST; k = 2 * k + 1) check_search(bench, bench->index, k);
    }
}

static void random_history(void **state) {
    struct bench *bench = *state;
    size_t entries[40];
    for (size_t round = 0; round < 120; round++) {
        size_t count = 1 + random_below(&bench->random, 40);
        for (size_t i = 0; i < count; i++) entries[i] = random_below(&bench->random, MOST); /* some twice */
        bool removing = random_below(&bench->random, 5) < 2 + (round > 80);
        (removing ? take : put)(bench, bench->index, entries, count);
        check_search(bench, bench->index, 5);
    }
    check_search(bench, bench->index, MOST);
    assert_true(index_is_sound(bench->index));
}

static void reopened_index_holds_the_same(void **state) {
    struct bench *bench = *state;
    put_range(bench, 0, 150);
    for (int read_only = 0; read_only < 2; read_only++) {
        minnow_index_close(bench->index);
        struct minnow_space space = space_of(DIMENSIONS);
        must(open_space(bench->folder.index, &space, read_only, &bench->index, &bench->error));
        check_search(bench, bench->index, 20);
    }
    float vector[DIMENSIONS] = {1};
    struct minnow_document document = {text_of("x"), text_of(""), text_of("x")};
    assert_int_equal(minnow_store_put(bench->index, &document, vector, 1, &bench->error), MINNOW_IO);
    assert_non_null(strstr(bench->error.message, bench->folder.index));
    check_search(bench, bench->index, 20);
}

static void last_of_a_call_wins_and_keeps_its_number(void **state) {
    struct bench *bench = *state;
    put(bench, bench->index, (size_t[]){1, 2, 1}, 3);
    struct minnow_hit before[2], after[2];
    size_t found;
    float query[DIMENSIONS] = {1};
    check_search(bench, bench->index, 5);
    must(minnow_store_search(bench->index, query, text_of(""), 2, 0, before, &found, &bench->error));
    put(bench, bench->index, (size_t[]){2, 1}, 2);
    must(minnow_store_search(bench->index, query, text_of(""), 2, 0, after, &found, &bench->error));
    assert_true(before[0].document + before[1].document == after[0].document + after[1].document);
    take(bench, bench->index, (size_t[]){2}, 1);
    put(bench, bench->index, (size_t[]){2}, 1); /* a new document: a number never given before */
    must(minnow_store_search(bench->index, query, text_of(""), 2, 0, after, &found, &bench->error));
    assert_true(after[0].document > 2 || after[1].document > 2);
}

static void equal_scores_by_number(void **state) {
    struct bench *bench = *state;
    struct minnow_document documents[100];
    static float vectors[100][DIMENSIONS];
    char ids[100][8];
    for (size_t i = 0; i < 100; i++) {
        snprintf(ids[i], sizeof ids[i], "%zu", i);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of(""), text_of("")};
        vectors[i][0] = 1;
    }
    must(minnow_store_put(bench->index, documents, vectors[0], 100, &bench->error));
    for (size_t i = 0; i < 30; i++) { /* moves later documents into earlier slots */
        struct minnow_text id = text_of(ids[i]);
        must(minnow_index_remove(bench->index, &id, 1, NULL, &bench->error));
    }
    struct minnow_hit hits[50];
    size_t found;
    must(minnow_store_search(bench->index, vectors[0], text_of(""), 50, 0, hits, &found, &bench->error));
    for (size_t i = 0; i < 50; i++) assert_true(hits[i].document == (int64_t)(31 + i));
}

static void two_connections_see_each_other(void **state) {
    struct bench *bench = *state;
    struct minnow_index *other;
    struct minnow_space space = space_of(DIMENSIONS);
    must(open_space(bench->folder.index, &space, false, &other, &bench->error));
    struct minnow_index *both[2] = {bench->index, other};
    size_t entries[30];
    for (size_t round = 0; round < 60; round++) {
        size_t count = 1 + random_below(&bench->random, 30);
        for (size_t i = 0; i < count; i++) entries[i] = random_below(&bench->random, MOST);
        (round % 3 == 2 ? take : put)(bench, both[random_below(&bench->random, 2)], entries, count);
        check_search(bench, both[round % 2], 7);
        if (round % 4 == 0) check_search(bench, both[(round + 1) % 2], MOST);
    }
    assert_true(index_is_sound(other));
    minnow_index_close(other);
}

static void refresh_reads_only_changed_chunks(void **state) {
    struct bench *bench = *state;
    struct minnow_index *other;
    struct minnow_space space = space_of(DIMENSIONS);
    put_range(bench, 0, 300);
    must(open_space(bench->folder.index, &space, false, &other, &bench->error));
    check_search(bench, other, 5);
    put(bench, bench->index, (size_t[]){70}, 1); /* chunk 1 */
    int64_t before[5];
    for (size_t i = 0; i < 5; i++) before[i] = other->cache.chunks[i].loaded;
    check_search(bench, other, 5);
    for (size_t i = 0; i < 5; i++) assert_int_equal(other->cache.chunks[i].loaded != before[i], i == 1);
    minnow_index_close(other);
}

static void a_second_writer_waits_then_says_busy(void **state) {
    struct bench *bench = *state;
    struct minnow_index *other;
    struct minnow_space space = space_of(DIMENSIONS);
    put_range(bench, 0, 10);
    must(open_space(bench->folder.index, &space, false, &other, &bench->error));
    sqlite3_busy_timeout(bench->index->database, 30);
    must(minnow_begin_write(other, &bench->error));
    float vector[DIMENSIONS] = {1};
    struct minnow_document document = {text_of("x"), text_of(""), text_of("x")};
    assert_int_equal(minnow_store_put(bench->index, &document, vector, 1, &bench->error), MINNOW_BUSY);
    check_search(bench, bench->index, 10); /* readers go on */
    must(minnow_finish(other, MINNOW_OK, &bench->error));
    put_range(bench, 10, 1);
    check_search(bench, other, 20);
    minnow_index_close(other);
}

static void the_file_shrinks(void **state) {
    struct bench *bench = *state;
    must(minnow_index_remove(bench->index, NULL, 0, NULL, &bench->error));
    int64_t empty = file_size(bench->folder.index);
    put_range(bench, 0, MOST);
    int64_t full = file_size(bench->folder.index);
    size_t entries[MOST];
    for (size_t i = 0; i < MOST; i++) entries[i] = i;
    take(bench, bench->index, entries, MOST / 2);
    int64_t half = file_size(bench->folder.index);
    take(bench, bench->index, entries + MOST / 2, MOST / 2);
    int64_t emptied = file_size(bench->folder.index);
    print_message("bytes: empty %" PRId64 ", full %" PRId64 ", half %" PRId64 ", emptied %" PRId64 "\n", empty, full,
                  half, emptied);
    assert_true(full > empty + 5 * 4096);
    assert_true(half < empty + (full - empty) * 7 / 10);
    assert_true(emptied <= empty + 2 * 4096);
    for (size_t i = 0; i < 8; i++) put_range(bench, 0, MOST); /* replacing does not grow it without end */
    assert_true(file_size(bench->folder.index) < 3 * full);
}

static void any_bytes_come_back(void **state) {
    struct bench *bench = *state;
    static const struct minnow_text odd[] = {
        {"", 0},     {"plain", 5},       {"a\0b", 3},         {"\0", 1},        {"\xff\xfe", 2},
        {"\xc3", 1}, {"caf\xc3\xa9", 5}, {"\xed\xa0\x80", 3}, {"'\"; DROP", 8}, {"\xf0\x9f\x90\x9f", 4},
    };
    enum { ODD = sizeof odd / sizeof *odd };
    float vector[DIMENSIONS] = {1};
    for (size_t i = 1; i < ODD; i++) {
        struct minnow_document in = {odd[i], odd[(i + 3) % ODD], odd[(i + 5) % ODD]}, out;
        vector[1] = (float)i;
        must(minnow_store_put(bench->index, &in, vector, 1, &bench->error));
        must(minnow_index_document(bench->index, (int64_t)i, &out, &bench->error));
        const struct minnow_text *a = &in.id, *b = &out.id;
        for (size_t part = 0; part < 3; part++) {
            assert_int_equal(a[part].size, b[part].size);
            if (a[part].size) assert_memory_equal(a[part].bytes, b[part].bytes, a[part].size);
        }
    }
    uint64_t count;
    must(minnow_index_count(bench->index, &count, &bench->error));
    assert_int_equal(count, ODD - 1); /* "a" and "a\0b" are different ids */
    assert_true(index_is_sound(bench->index));
    size_t removed;
    must(minnow_index_remove(bench->index, odd + 1, ODD - 1, &removed, &bench->error));
    assert_int_equal(removed, ODD - 1);
    assert_true(index_is_sound(bench->index));
}

static void bad_documents_are_refused_whole(void **state) {
    struct bench *bench = *state;
    put_range(bench, 0, 3);
    struct minnow_document documents[2] = {{text_of("n"), text_of(""), text_of("x")},
                                           {text_of(""), text_of(""), text_of("x")}};
    float vectors[2][DIMENSIONS] = {{1}, {1}};
    assert_int_equal(minnow_store_put(bench->index, documents, vectors[0], 2, &bench->error), MINNOW_INVALID_ARGUMENT);
    documents[1].id = text_of("m");
    vectors[1][5] = NAN;
    assert_int_equal(minnow_store_put(bench->index, documents, vectors[0], 2, &bench->error), MINNOW_NOT_FINITE);
    vectors[1][5] = -INFINITY;
    assert_int_equal(minnow_store_put(bench->index, documents, vectors[0], 2, &bench->error), MINNOW_NOT_FINITE);
    documents[1].text.bytes = NULL;
    assert_int_equal(minnow_store_put(bench->index, documents, vectors[0], 2, &bench->error), MINNOW_INVALID_ARGUMENT);
    struct minnow_document out;
    assert_int_equal(minnow_index_document(bench->index, 99, &out, &bench->error), MINNOW_INVALID_ARGUMENT);
    check_search(bench, bench->index, 5);
}

static void tiny_and_zero_vectors(void **state) {
    struct bench *bench = *state;
    struct minnow_document documents[3] = {{text_of("zero"), text_of(""), text_of("x")},
                                           {text_of("subnormal"), text_of(""), text_of("x")},
                                           {text_of("one"), text_of(""), text_of("x")}};
    float vectors[3][DIMENSIONS] = {{0}, {1e-42f}, {1}};
    must(minnow_store_put(bench->index, documents, vectors[0], 3, &bench->error));
    struct minnow_hit hits[3];
    size_t found;
    must(minnow_store_search(bench->index, vectors[2], text_of(""), 3, 0, hits, &found, &bench->error));
    assert_int_equal(found, 3);
    assert_true(hits[0].document == 3 && fabsf(hits[0].score - 1) < 1e-6f);
    assert_true(hits[1].document == 1 && hits[1].score == 0 && hits[2].score == 0);
}

static void cosine_ignores_length(void **state) {
    struct bench *bench = *state;
    minnow_index_close(bench->index);
    index_folder_remove(&bench->folder);
    bench->folder = index_folder_create(NULL);
    struct minnow_space space = space_of(DIMENSIONS);
    space.similarity = MINNOW_COSINE;
    must(open_space(bench->folder.index, &space, false, &bench->index, &bench->error));
    struct minnow_document documents[2] = {{text_of("long"), text_of(""), text_of("x")},
                                           {text_of("short"), text_of(""), text_of("x")}};
    float vectors[2][DIMENSIONS] = {{300, 400}, {0.03f, 0.01f}}, query[DIMENSIONS] = {7};
    must(minnow_store_put(bench->index, documents, vectors[0], 2, &bench->error));
    struct minnow_hit hits[2];
    size_t found;
    must(minnow_store_search(bench->index, query, text_of(""), 2, 0, hits, &found, &bench->error));
    assert_true(hits[0].document == 2 && fabsf(hits[0].score - 0.94868f) < 0.005f);
    assert_true(hits[1].document == 1 && fabsf(hits[1].score - 0.6f) < 0.005f);
}

int main(void) {
#define with_index(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_index(empty_index),
        with_index(search_equals_brute_force),
        with_index(random_history),
        with_index(reopened_index_holds_the_same),
        with_index(last_of_a_call_wins_and_keeps_its_number),
        with_index(equal_scores_by_number),
        with_index(two_connections_see_each_other),
        with_index(refresh_reads_only_changed_chunks),
        with_index(a_second_writer_waits_then_says_busy),
        with_index(the_file_shrinks),
        with_index(any_bytes_come_back),
        with_index(bad_documents_are_refused_whole),
        with_index(tiny_and_zero_vectors),
        with_index(cosine_ignores_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
