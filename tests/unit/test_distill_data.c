/* What the distiller reads and keeps: random numbers, batches of like length, teachers' scores, cached vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "convert/distill/data/buckets.h"
#include "convert/distill/data/teacher_scores.h"
#include "convert/distill/data/teacher_vectors.h"
#include "convert/distill/data/training_pairs.h"
#include "convert/distill/losses/lead.h"
#include "convert/distill/random.h"
#include "tests/unit/built_model.h"

enum { MANY = 1000 };

static struct minnow_error error;

static void expect_error(enum minnow_status status, enum minnow_status expected, const char *part) {
    assert_int_equal(status, expected);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in '%s'", part, error.message);
}

static struct minnow_text text_of(const char *string) { return (struct minnow_text){string, strlen(string)}; }

enum { FILES = 8 };
static char paths[FILES][64];

static int remove_files(void **state) {
    (void)state;
    for (int i = 0; i < FILES; i++)
        if (*paths[i]) unlink(paths[i]);
    return 0;
}

/* A file that holds `content`, there until as many others were made as there are places. */
static char *write_file(const char *content) {
    static unsigned next;
    char *path = paths[next++ % FILES];
    if (*path) unlink(path);
    strcpy(path, "/tmp/minnow-distill-XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, content, strlen(content)), (ssize_t)strlen(content));
    close(descriptor);
    return path;
}

/* ---- Random numbers and LEAD's draw ---------------------------------------------------------- */

static void test_random(void **state) {
    (void)state;
    struct minnow_random a = minnow_random_of(1, 0), b = minnow_random_of(1, 0), other = minnow_random_of(1, 1);
    unsigned counts[7] = {0};
    double sum = 0;
    for (int i = 0; i < 100; i++) assert_true(minnow_random_next(&a) == minnow_random_next(&b));
    assert_true(minnow_random_next(&a) != minnow_random_next(&other));
    for (int i = 0; i < 70000; i++) counts[minnow_random_below(&a, 7)]++;
    for (int i = 0; i < 7; i++) assert_in_range(counts[i], 9600, 10400); /* four standard deviations */
    for (int i = 0; i < 10000; i++) sum += minnow_random_unit(&a);
    assert_true(sum > 4880 && sum < 5120);
}

static void test_shuffle_is_fair(void **state) {
    (void)state;
    unsigned counts[6] = {0}; /* of the orders of three */
    struct minnow_random random = minnow_random_of(3, 0);
    for (int i = 0; i < 60000; i++) {
        uint32_t items[3] = {0, 1, 2};
        minnow_random_shuffle(&random, items, 3);
        counts[items[0] * 2 + (items[1] > items[2])]++;
    }
    for (int i = 0; i < 6; i++) assert_in_range(counts[i], 9600, 10400);
}

static void test_lead_draw(void **state) {
    (void)state;
    const struct minnow_lead_layers layers = {.teacher = 6, .student = 3, .count = 2, .redraw_every = 10};
    struct minnow_lead_draw draw, again;
    unsigned seen[6] = {0}, changes = 0;
    for (uint64_t step = 0; step < 60000; step += 10) {
        assert_int_equal(minnow_lead_draw(&layers, 5, step, &draw, &error), MINNOW_OK);
        assert_int_equal(minnow_lead_draw(&layers, 5, step + 9, &again, &error), MINNOW_OK);
        assert_memory_equal(draw.teacher, again.teacher, 2 * sizeof *draw.teacher);
        assert_memory_equal(draw.student, again.student, 2 * sizeof *draw.student);
        assert_true(draw.teacher[0] < draw.teacher[1] && draw.teacher[1] < 6);
        assert_true(draw.student[0] < draw.student[1] && draw.student[1] < 3);
        for (int i = 0; i < 2; i++) seen[draw.teacher[i]]++;
        assert_int_equal(minnow_lead_draw(&layers, 5, step + 10, &again, &error), MINNOW_OK);
        changes += memcmp(draw.teacher, again.teacher, 2 * sizeof *draw.teacher) != 0;
    }
    for (int i = 0; i < 6; i++) assert_in_range(seen[i], 1850, 2150); /* of 6000 draws, 2 of 6 each */
    assert_in_range(changes, 5400, 5800);                            /* 14 of 15 draws differ */
    struct minnow_lead_layers bad = layers;
    bad.count = 4;
    expect_error(minnow_lead_draw(&bad, 5, 0, &draw, &error), MINNOW_INVALID_ARGUMENT, "expected 1 to 3");
    bad.count = 0;
    expect_error(minnow_lead_draw(&bad, 5, 0, &draw, &error), MINNOW_INVALID_ARGUMENT, "0 layers are to be drawn");
    bad = layers;
    bad.redraw_every = 0;
    expect_error(minnow_lead_draw(&bad, 5, 0, &draw, &error), MINNOW_INVALID_ARGUMENT, "redraw_every");
}

/* ---- Batches --------------------------------------------------------------------------------- */

static struct minnow_buckets *make_buckets(uint32_t *lengths, const struct minnow_buckets_options *options) {
    struct minnow_random random = minnow_random_of(9, 9);
    struct minnow_buckets *buckets;
    for (int i = 0; i < MANY; i++) lengths[i] = 1 + (uint32_t)minnow_random_below(&random, 200);
    assert_int_equal(minnow_buckets_create(lengths, MANY, options, &buckets, &error), MINNOW_OK);
    return buckets;
}

/* Every item once, limits kept; returns the tokens that padding would add. */
static uint64_t check_epoch(const struct minnow_buckets *buckets, const uint32_t *lengths,
                            const struct minnow_buckets_options *options) {
    bool seen[MANY] = {false};
    uint32_t total = 0;
    uint64_t padding = 0;
    for (uint32_t batch = 0; batch < minnow_buckets_count(buckets); batch++) {
        uint32_t count, tokens = 0;
        const uint32_t *items = minnow_buckets_get(buckets, batch, &count);
        assert_in_range(count, 1, options->batch_items);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(items[i] < MANY && !seen[items[i]]);
            assert_true(!i || lengths[items[i]] >= lengths[items[i - 1]]);
            seen[items[i]] = true;
            tokens += lengths[items[i]];
        }
        assert_true(count == 1 || !options->batch_tokens || tokens <= options->batch_tokens);
        padding += lengths[items[count - 1]] * count - tokens;
        total += count;
    }
    assert_int_equal(total, MANY);
    return padding;
}

static void test_buckets(void **state) {
    (void)state;
    uint32_t lengths[MANY];
    const struct minnow_buckets_options sorted = {.batch_items = 16, .pool_batches = 20, .seed = 4},
                                        loose = {.batch_items = 16, .pool_batches = 1, .seed = 4},
                                        tight = {.batch_items = 16, .batch_tokens = 500, .seed = 4};
    struct minnow_buckets *buckets = make_buckets(lengths, &sorted);
    uint64_t padding = check_epoch(buckets, lengths, &sorted);
    assert_int_equal(minnow_buckets_count(buckets), (MANY + 15) / 16);
    minnow_buckets_free(buckets);
    buckets = make_buckets(lengths, &loose);
    assert_true(padding * 5 < check_epoch(buckets, lengths, &loose));
    minnow_buckets_free(buckets);
    buckets = make_buckets(lengths, &tight);
    for (uint64_t epoch = 0; epoch < 20; epoch++) {
        minnow_buckets_shuffle(buckets, epoch);
        check_epoch(buckets, lengths, &tight);
    }
    minnow_buckets_free(buckets);
}

/* Where in an epoch an item comes. */
static uint32_t batch_of(const struct minnow_buckets *buckets, uint32_t item) {
    for (uint32_t batch = 0; batch < minnow_buckets_count(buckets); batch++) {
        uint32_t count;
        const uint32_t *items = minnow_buckets_get(buckets, batch, &count);
        for (uint32_t i = 0; i < count; i++)
            if (items[i] == item) return batch;
    }
    return UINT32_MAX;
}

static void test_buckets_epochs(void **state) {
    (void)state;
    uint32_t lengths[MANY], first[MANY], same = 0;
    const struct minnow_buckets_options options = {.batch_items = 8, .seed = 4};
    struct minnow_buckets *buckets = make_buckets(lengths, &options);
    for (uint32_t i = 0; i < MANY; i++) first[i] = batch_of(buckets, i);
    minnow_buckets_shuffle(buckets, 1);
    for (uint32_t i = 0; i < MANY; i++) same += batch_of(buckets, i) == first[i];
    assert_true(same < MANY / 20);
    minnow_buckets_shuffle(buckets, 0);
    for (uint32_t i = 0; i < MANY; i++) assert_int_equal(batch_of(buckets, i), first[i]);
    minnow_buckets_free(buckets);
    const struct minnow_buckets_options none = {0};
    expect_error(minnow_buckets_create(lengths, MANY, &none, &buckets, &error), MINNOW_INVALID_ARGUMENT, "batch of 0");
    assert_int_equal(minnow_buckets_create(NULL, 0, &options, &buckets, &error), MINNOW_OK);
    assert_int_equal(minnow_buckets_count(buckets), 0);
    minnow_buckets_free(buckets);
}

/* ---- Teachers' scores ------------------------------------------------------------------------- */

static void test_text_set(void **state) {
    (void)state;
    struct minnow_text_set set = {0};
    uint32_t number;
    char text[32];
    assert_int_equal(minnow_text_set_find(&set, text_of("")), MINNOW_NO_TEXT);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            size_t size = (size_t)snprintf(text, sizeof text, "%u", i * 7);
            assert_int_equal(minnow_text_set_add(&set, (struct minnow_text){text, i ? size : 0}, &number, &error), 0);
            assert_int_equal(number, i);
        }
    assert_int_equal(set.count, 5000);
    assert_int_equal(minnow_text_set_find(&set, text_of("")), 0);
    assert_int_equal(minnow_text_set_find(&set, text_of("14")), 2);
    assert_int_equal(minnow_text_set_find(&set, text_of("15")), MINNOW_NO_TEXT);
    assert_memory_equal(minnow_text_set_get(&set, 4999).bytes, "34993", 5);
    minnow_text_set_free(&set);
}

static void test_teacher_scores(void **state) {
    (void)state;
    struct minnow_teacher_scores scores;
    const char *path = write_file("5.5\t-1e1\tq1\td1\td2\n0.25\t3\tq2\ta text, with spaces\td1\r\n\n");
    assert_int_equal(minnow_teacher_scores_read(&path, 1, &scores, &error), MINNOW_OK);
    assert_int_equal(scores.count, 2);
    assert_true(scores.triples[0].positive_score == 5.5f && scores.triples[0].negative_score == -10.0f);
    assert_int_equal(scores.triples[0].positive, scores.triples[1].negative);
    struct minnow_text text = minnow_text_set_get(&scores.documents, scores.triples[1].positive);
    assert_int_equal(text.size, strlen("a text, with spaces"));
    assert_memory_equal(text.bytes, "a text, with spaces", text.size);
    assert_int_equal(scores.queries.count, 2);
    assert_int_equal(scores.documents.count, 3);
    minnow_teacher_scores_free(&scores);
}

static void test_teacher_ensemble(void **state) {
    (void)state;
    struct minnow_teacher_scores scores;
    const char *paths[3] = {write_file("1\t2\tq1\td1\td2\n3\t4\tq2\td1\td3\n1\t0\tq1\td1\td3\n"),
                            write_file("30\t40\tq2\td1\td3\n9\t9\tq9\td1\td3\n10\t0\tq1\td1\td3\n"
                                       "10\t20\tq1\td1\td2\n"),
                            write_file("100\t200\tq1\td1\td2\n0\t0\tq1\td3\td2\n300\t400\tq2\td1\td3\n")};
    const double expected[3][2] = {{37, 74}, {111, 148}, {37, 0}};
    assert_int_equal(minnow_teacher_scores_read(paths, 3, &scores, &error), MINNOW_OK);
    assert_int_equal(scores.count, 3);
    for (int i = 0; i < 3; i++) {
        assert_true(scores.triples[i].positive_score == (float)expected[i][0]);
        assert_true(scores.triples[i].negative_score == (float)expected[i][1]);
    }
    minnow_teacher_scores_free(&scores);
    const char *lacking[2] = {paths[0], write_file("30\t40\tq2\td1\td3\n10\t20\tq1\td1\td2\n")};
    expect_error(minnow_teacher_scores_read(lacking, 2, &scores, &error), MINNOW_BAD_INPUT,
                 "no score of document \"d3\" for query \"q1\"");
    if (!strstr(error.message, lacking[1])) fail_msg("%s", error.message);
}

static void expect_bad_scores(const char *content, const char *part) {
    struct minnow_teacher_scores scores;
    const char *path = write_file(content);
    expect_error(minnow_teacher_scores_read(&path, 1, &scores, &error), MINNOW_BAD_INPUT, part);
    if (!strstr(error.message, path)) fail_msg("%s", error.message);
}

static void test_bad_teacher_scores(void **state) {
    (void)state;
    struct minnow_teacher_scores scores;
    expect_bad_scores("1\t2\tq\td\te\n1\tx2\tq\td\te\n",
                      ":2: column 2 (neg_score) is \"x2\", expected a finite number");
    expect_bad_scores("\t2\tq\td\te\n", ":1: column 1 (pos_score) is \"\"");
    expect_bad_scores("1\tinf\tq\td\te\n", "finite");
    expect_bad_scores("nan\t1\tq\td\te\n", "finite");
    expect_bad_scores("1\t1e99\tq\td\te\n", "finite");
    expect_bad_scores("1\t2\tq\t\te\n", ":1: column 4 (relevant document) is \"\"");
    expect_bad_scores("1\t2\tq\td\n", ":1: 4 columns parted by tabs, expected 5");
    expect_bad_scores("1\t2\tq\td\te\tf\n", ":1: 6 columns");
    expect_bad_scores("", "holds no scores");
    const char *missing = "/nonexistent/scores.tsv";
    expect_error(minnow_teacher_scores_read(&missing, 1, &scores, &error), MINNOW_IO, missing);
    expect_error(minnow_teacher_scores_read(NULL, 0, &scores, &error), MINNOW_INVALID_ARGUMENT, "no file");
}

/* ---- Pairs ------------------------------------------------------------------------------------ */

static void expect_bad_pairs(const char *content, const char *part) {
    struct minnow_training_pairs pairs = {0};
    const char *path = write_file(content);
    expect_error(minnow_training_pairs_read(path, &pairs, &error), MINNOW_BAD_INPUT, part);
    if (!strstr(error.message, path)) fail_msg("%s", error.message);
    minnow_training_pairs_free(&pairs);
}

static void test_training_pairs(void **state) {
    (void)state;
    struct minnow_training_pairs pairs = {0};
    const char *first = write_file("{\"query\": \"a\", \"passage\": \"one\", \"more\": 1}\r\n\n"
                                   "{\"passage\":\"two\",\"query\":\"b\"}"),
               *second = write_file("{\"query\": \"a\", \"passage\": \"two\"}\n");
    assert_int_equal(minnow_training_pairs_read(first, &pairs, &error), MINNOW_OK);
    assert_int_equal(minnow_training_pairs_read(second, &pairs, &error), MINNOW_OK);
    const uint32_t expected[3][2] = {{0, 0}, {1, 1}, {0, 1}};
    assert_int_equal(pairs.count, 3);
    assert_memory_equal(pairs.items, expected, sizeof expected);
    assert_memory_equal(minnow_text_set_get(&pairs.passages, 1).bytes, "two", 3);
    minnow_training_pairs_free(&pairs);
    expect_bad_pairs("{\"query\": \"a\", \"passage\": \"b\"}\n{\"query\": \"a\"}\n", ":2: \"passage\" is missing");
    expect_bad_pairs("{\"query\": 1, \"passage\": \"b\"}\n", ":1: \"query\" is missing or no string");
    expect_bad_pairs("[]\n", ":1: \"query\" is missing");
    expect_bad_pairs("\n\nquery\tpassage\n", ":3: not valid JSON");
    expect_error(minnow_training_pairs_read("/nonexistent/p", &pairs, &error), MINNOW_IO, "/nonexistent/p");
}

/* ---- Cached vectors --------------------------------------------------------------------------- */

static void make_entry(uint32_t i, uint32_t dimensions, uint8_t *key, float *vector) {
    struct minnow_random random = minnow_random_of(i, dimensions);
    for (int j = 0; j < MINNOW_VECTOR_KEY; j++) key[j] = (uint8_t)minnow_random_next(&random);
    for (uint32_t j = 0; j < dimensions; j++) vector[j] = (float)minnow_random_unit(&random);
}

static struct minnow_vector_cache *open_cache(const char *path) {
    struct minnow_vector_cache *cache;
    if (minnow_vector_cache_open(path, &cache, &error)) fail_msg("%s", error.message);
    return cache;
}

static void add_entries(struct minnow_vector_cache *cache, uint32_t first, uint32_t end, uint32_t dimensions) {
    uint8_t key[MINNOW_VECTOR_KEY];
    float vector[64];
    for (uint32_t i = first; i < end; i++) {
        make_entry(i, dimensions, key, vector);
        assert_int_equal(minnow_vector_cache_add(cache, key, vector, dimensions, &error), MINNOW_OK);
    }
}

static void expect_entries(const struct minnow_vector_cache *cache, uint32_t count, uint32_t dimensions) {
    uint8_t key[MINNOW_VECTOR_KEY];
    float vector[64];
    for (uint32_t i = 0; i < count + 10; i++) {
        make_entry(i, dimensions, key, vector);
        const float *found = minnow_vector_cache_find(cache, key, dimensions);
        if (i < count) {
            assert_non_null(found);
            assert_memory_equal(found, vector, dimensions * sizeof *vector);
            assert_null(minnow_vector_cache_find(cache, key, dimensions + 1));
        } else {
            assert_null(found);
        }
    }
}

static void test_cache_keeps(void **state) {
    (void)state;
    const char *path = write_file("");
    struct minnow_vector_cache *cache = open_cache(path);
    expect_entries(cache, 0, 33);
    add_entries(cache, 0, 12000, 33); /* past what is mapped at first */
    add_entries(cache, 0, 100, 33);
    assert_int_equal(minnow_vector_cache_count(cache), 12000);
    expect_entries(cache, 12000, 33);
    assert_int_equal(minnow_vector_cache_sync(cache, &error), MINNOW_OK);
    minnow_vector_cache_close(cache);
    cache = open_cache(path);
    assert_int_equal(minnow_vector_cache_count(cache), 12000);
    add_entries(cache, 0, 5, 8); /* models of several widths share a file */
    expect_entries(cache, 12000, 33);
    expect_entries(cache, 5, 8);
    minnow_vector_cache_close(cache);
}

enum { ENTRIES = 3, ENTRY_DIMENSIONS = 5, ENTRY_SIZE = 72, CACHE_SIZE = 8 + ENTRIES * ENTRY_SIZE };

static size_t read_back(const char *path, uint8_t *bytes) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, CACHE_SIZE + 1, file);
    fclose(file);
    return size;
}

static void write_bytes(const char *path, const uint8_t *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* Whatever is damaged, what lies before it is kept and the file works on. */
static void expect_after_damage(const char *path, const uint8_t *bytes, size_t size, uint32_t kept) {
    write_bytes(path, bytes, size);
    struct minnow_vector_cache *cache = open_cache(path);
    assert_int_equal(minnow_vector_cache_count(cache), kept);
    expect_entries(cache, kept, ENTRY_DIMENSIONS);
    add_entries(cache, 0, ENTRIES, ENTRY_DIMENSIONS);
    minnow_vector_cache_close(cache);
    cache = open_cache(path);
    assert_int_equal(minnow_vector_cache_count(cache), ENTRIES);
    expect_entries(cache, ENTRIES, ENTRY_DIMENSIONS);
    minnow_vector_cache_close(cache);
}

static void test_cache_torn(void **state) {
    (void)state;
    const char *path = write_file("");
    uint8_t whole[CACHE_SIZE + 1], torn[CACHE_SIZE + 200] = {0};
    struct minnow_vector_cache *cache = open_cache(path);
    add_entries(cache, 0, ENTRIES, ENTRY_DIMENSIONS);
    minnow_vector_cache_close(cache);
    assert_int_equal(read_back(path, whole), CACHE_SIZE);
    for (size_t size = 0; size <= CACHE_SIZE; size++)
        expect_after_damage(path, whole, size, size < 8 ? 0 : (uint32_t)((size - 8) / ENTRY_SIZE));
    for (size_t at = 8; at < CACHE_SIZE; at++) {
        memcpy(torn, whole, CACHE_SIZE);
        torn[at] ^= 0x10;
        expect_after_damage(path, torn, CACHE_SIZE, (uint32_t)((at - 8) / ENTRY_SIZE));
    }
    memcpy(torn, whole, CACHE_SIZE);
    expect_after_damage(path, torn, sizeof torn, ENTRIES); /* zeros that the file system left behind */
}

static void test_cache_refuses(void **state) {
    (void)state;
    struct minnow_vector_cache *cache, *second;
    const char *path = write_file("{\"text\": \"precious\"}\n");
    uint8_t bytes[CACHE_SIZE + 1];
    expect_error(minnow_vector_cache_open(path, &cache, &error), MINNOW_BAD_INPUT, "is not a cache of vectors");
    assert_int_equal(read_back(path, bytes), 21);
    expect_error(minnow_vector_cache_open("/nonexistent/x", &cache, &error), MINNOW_IO, "/nonexistent/x");
    path = write_file("");
    cache = open_cache(path);
    expect_error(minnow_vector_cache_open(path, &second, &error), MINNOW_BUSY, path);
    expect_error(minnow_vector_cache_add(cache, bytes, NULL, 0, &error), MINNOW_INVALID_ARGUMENT, "0 dimensions");
    minnow_vector_cache_close(cache);
    minnow_vector_cache_close(open_cache(path));
}

/* Returns when the file has grown by some records. */
static void wait_for_growth(const char *path) {
    struct stat now, before;
    assert_int_equal(stat(path, &before), 0);
    for (int i = 0; i < 10000; i++, usleep(1000))
        if (stat(path, &now) == 0 && now.st_size > before.st_size + 4096) return;
    fail_msg("nothing was added to %s in ten seconds", path);
}

/* A process that is killed while it adds leaves a file whose vectors are whole. */
static void test_cache_killed(void **state) {
    (void)state;
    const char *path = write_file("");
    uint64_t before = 0;
    for (int round = 0; round < 5; round++) {
        pid_t child = fork();
        if (!child) {
            struct minnow_vector_cache *cache = open_cache(path);
            for (uint32_t i = (uint32_t)minnow_vector_cache_count(cache);; i++) add_entries(cache, i, i + 1, 33);
        }
        wait_for_growth(path);
        assert_int_equal(kill(child, SIGKILL), 0);
        waitpid(child, NULL, 0);
        struct minnow_vector_cache *cache = open_cache(path);
        uint64_t count = minnow_vector_cache_count(cache);
        expect_entries(cache, (uint32_t)count, 33);
        assert_true(count > before);
        before = count;
        minnow_vector_cache_close(cache);
    }
}

static void test_teacher_vectors(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    struct minnow_model *model = open_built(&built);
    struct minnow_session *session;
    const char *path = write_file("");
    const struct minnow_text texts[4] = {text_of("a"), text_of("the quick"), text_of(""), text_of("a")};
    float expected[4 * DIMENSIONS], found[4 * DIMENSIONS];
    const struct minnow_progress silent = {0};
    uint8_t keys[3][MINNOW_VECTOR_KEY];
    assert_int_equal(minnow_session_create(model, NULL, &session, &error), MINNOW_OK);
    assert_int_equal(minnow_encode(session, MINNOW_QUERY, texts, 4, expected, NULL, &error), MINNOW_OK);
    struct minnow_vector_cache *cache = open_cache(path);
    for (int round = 0; round < 3; round++) { /* without a cache, into it, out of it */
        memset(found, 0, sizeof found);
        assert_int_equal(minnow_teacher_vectors(round ? cache : NULL, session, MINNOW_QUERY, texts, 4, &silent, found,
                                                &error),
                         MINNOW_OK);
        assert_memory_equal(found, expected, sizeof found);
        assert_int_equal(minnow_vector_cache_count(cache), round ? 3 : 0);
    }
    minnow_teacher_vector_key(model, MINNOW_QUERY, texts[0], keys[0]);
    minnow_teacher_vector_key(model, MINNOW_QUERY, texts[1], keys[1]);
    minnow_teacher_vector_key(model, MINNOW_DOCUMENT, texts[0], keys[2]);
    assert_true(memcmp(keys[0], keys[1], sizeof *keys) && memcmp(keys[0], keys[2], sizeof *keys));
    assert_memory_equal(minnow_vector_cache_find(cache, keys[1], DIMENSIONS), expected + DIMENSIONS,
                        DIMENSIONS * sizeof *expected);
    minnow_vector_cache_close(cache);
    minnow_session_close(session);
    minnow_model_close(model);
    release(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),          cmocka_unit_test(test_shuffle_is_fair),
        cmocka_unit_test(test_lead_draw),       cmocka_unit_test(test_buckets),
        cmocka_unit_test(test_buckets_epochs),  cmocka_unit_test(test_text_set),
        cmocka_unit_test(test_teacher_scores),  cmocka_unit_test(test_teacher_ensemble),
        cmocka_unit_test(test_bad_teacher_scores), cmocka_unit_test(test_cache_keeps),
        cmocka_unit_test(test_cache_torn),      cmocka_unit_test(test_cache_refuses),
        cmocka_unit_test(test_cache_killed),    cmocka_unit_test(test_teacher_vectors),
        cmocka_unit_test(test_training_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, remove_files);
}
