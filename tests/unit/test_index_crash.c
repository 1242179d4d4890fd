/* What was committed survives a writer that is killed, and a disk that is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "index_fixture.h"

enum { DIMENSIONS = 48, BATCH = 20, ROUNDS = 40, LAST_BATCH = 100000 };

static struct minnow_error error;

/* Documents of batch b are "b.0" ... "b.19"; a batch also replaces one of the batch before and
 * every third removes one, so that all kinds of writes are interrupted. */
static enum minnow_status put_batch(struct minnow_index *index, unsigned batch) {
    struct minnow_document documents[BATCH + 1];
    float vectors[BATCH + 1][DIMENSIONS];
    char ids[BATCH + 1][24], text[200];
    struct random_state random = {batch};
    snprintf(text, sizeof text, "text of batch %u, with words to index: salmon trout pike carp perch bream", batch);
    for (unsigned i = 0; i <= BATCH; i++) {
        snprintf(ids[i], sizeof ids[i], "%u.%u", i < BATCH ? batch : batch ? batch - 1 : 0, i < BATCH ? i : 7);
        documents[i] = (struct minnow_document){text_of(ids[i]), text_of("title"), text_of(text)};
        random_vector(&random, vectors[i], DIMENSIONS);
    }
    return minnow_store_put(index, documents, vectors[0], BATCH + 1, &error);
}

static enum minnow_status remove_one(struct minnow_index *index, unsigned batch) {
    char id[24];
    snprintf(id, sizeof id, "%u.3", batch);
    struct minnow_text text = text_of(id);
    return batch % 3 == 0 ? minnow_index_remove(index, &text, 1, NULL, &error) : MINNOW_OK;
}

/* Batches from `first` on; writes each committed batch's number to `pipe`. */
static void write_until_killed(const char *path, unsigned first, int pipe) {
    struct minnow_space space = space_of(DIMENSIONS);
    struct minnow_index *index;
    if (open_space(path, &space, false, &index, &error) != MINNOW_OK) _exit(1);
    for (unsigned batch = first; batch < LAST_BATCH; batch++) {
        if (put_batch(index, batch) != MINNOW_OK || remove_one(index, batch) != MINNOW_OK) _exit(1);
        if (write(pipe, &batch, sizeof batch) != sizeof batch) _exit(1);
    }
    _exit(0);
}

static void sleep_microseconds(size_t microseconds) {
    struct timespec time = {0, (long)microseconds * 1000};
    nanosleep(&time, NULL);
}

/* Kill a writer after a random time, from its start or from its first commit on; returns the batch
 * that comes after the last it reported. */
static unsigned one_kill(const char *path, unsigned first, bool after_commit, struct random_state *random) {
    int ends[2], status;
    unsigned batch, next = first;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) write_until_killed(path, first, ends[1]);
    close(ends[1]);
    if (after_commit && read(ends[0], &batch, sizeof batch) == sizeof batch) next = batch + 1;
    sleep_microseconds(1000 + random_below(random, 60000));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL); /* it had not failed before */
    while (read(ends[0], &batch, sizeof batch) == sizeof batch) next = batch + 1;
    close(ends[0]);
    return next;
}

static size_t documents_of(struct minnow_index *index, unsigned batch) {
    char sql[120];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM documents WHERE id GLOB '%u.*'", batch);
    for (size_t count = 0; count <= BATCH; count++) {
        char expected[24];
        snprintf(expected, sizeof expected, "%zu", count);
        if (database_says(index->database, sql, expected)) return count;
    }
    return SIZE_MAX;
}

/* Batches 0 to `end` - 1, but for what may have been removed of them: counted at once, since there may be thousands. */
static bool are_whole(struct minnow_index *index, unsigned end) {
    char sql[300], expected[24];
    snprintf(expected, sizeof expected, "%u", end);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM (SELECT CAST(id AS INTEGER) AS batch, count(*) AS held FROM documents GROUP BY "
             "batch) WHERE batch < %u AND held BETWEEN %d - (batch %% 3 = 0) AND %d",
             end, BATCH, BATCH);
    return database_says(index->database, sql, expected);
}

/* Reported batches are whole; the one after them is whole or absent. */
static void check_batches(struct minnow_index *index, unsigned next) {
    assert_true(index_is_sound(index));
    assert_true(are_whole(index, next));
    size_t after = documents_of(index, next);
    assert_true(after == 0 || after >= BATCH - 1);
    float query[DIMENSIONS] = {1};
    struct minnow_hit hits[5];
    size_t found;
    assert_int_equal(minnow_store_search(index, query, text_of("trout"), 5, MINNOW_HYBRID, hits, &found, &error),
                     MINNOW_OK);
    assert_true(found == 5 || next == 0);
}

static void killed_writers_lose_nothing(void **state) {
    (void)state;
    struct index_folder folder = index_folder_create(NULL);
    struct minnow_space space = space_of(DIMENSIONS);
    struct random_state random = {(uint64_t)time(NULL)};
    print_message("seed %" PRIu64 "\n", random.state);
    unsigned next = 0, hot = 0;
    char journal[340];
    snprintf(journal, sizeof journal, "%s-journal", folder.index);
    for (size_t round = 0; round < ROUNDS; round++) {
        next = one_kill(folder.index, next, round % 2, &random);
        hot += file_size(journal) > 0;
        struct minnow_index *index;
        if (open_space(folder.index, &space, false, &index, &error) != MINNOW_OK) fail_msg("%s", error.message);
        check_batches(index, next);
        minnow_index_close(index);
    }
    print_message("%u batches committed in %d rounds, %u kills left a journal to roll back\n", next, ROUNDS, hot);
    assert_true(next >= ROUNDS / 2);
    index_folder_remove(&folder);
}

/* No file of this process may grow past `bytes`; a write beyond fails as on a full disk. */
static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void check_after_failure(struct minnow_index *index, unsigned batches, enum minnow_status status) {
    assert_int_equal(status, MINNOW_IO);
    assert_non_null(strstr(error.message, index->path));
    for (unsigned i = 0; i < batches; i++) assert_int_equal(documents_of(index, i), BATCH);
    assert_int_equal(documents_of(index, batches), 0);
    assert_true(index_is_sound(index));
}

static void fill_until_failure(struct minnow_index *index, unsigned *batches) {
    enum minnow_status status = MINNOW_OK;
    while (*batches < 1000 && (status = put_batch(index, *batches)) == MINNOW_OK) ++*batches;
    print_message("after %u batches: %s\n", *batches, error.message);
    check_after_failure(index, *batches, status);
    check_after_failure(index, *batches, put_batch(index, *batches)); /* and again */
}

static void full_disk(void **state) {
    (void)state;
    struct index_folder folder = index_folder_create(NULL);
    struct minnow_space space = space_of(DIMENSIONS);
    struct minnow_index *index;
    unsigned batches = 0;
    assert_int_equal(open_space(folder.index, &space, false, &index, &error), MINNOW_OK);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(300000);
    fill_until_failure(index, &batches);
    limit_files(RLIM_INFINITY);
    for (unsigned end = batches + 5; batches < end; batches++) assert_int_equal(put_batch(index, batches), MINNOW_OK);
    /* SQLite's own "database or disk is full". */
    sqlite3_exec(index->database, "PRAGMA max_page_count = 200", NULL, NULL, NULL);
    fill_until_failure(index, &batches);
    assert_non_null(strstr(error.message, "free some space"));
    sqlite3_exec(index->database, "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
    assert_int_equal(put_batch(index, batches++), MINNOW_OK);
    minnow_index_close(index);
    assert_int_equal(open_space(folder.index, &space, false, &index, &error), MINNOW_OK);
    check_batches(index, batches);
    minnow_index_close(index);
    index_folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(killed_writers_lose_nothing), cmocka_unit_test(full_disk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
