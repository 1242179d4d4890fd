/* A checkpoint's folder holds what was written last, whole, whatever becomes of the writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "convert/checkpoint/checkpoint.h"
#include "convert/checkpoint/checkpoint_writer.h"
#include "tests/unit/small_model.h"
#include "tests/unit/written_place.h"

enum { KILLS = 40, LIMITS = 24 };

/* ---- Models that differ in one number ------------------------------------------------------- */

static enum minnow_status write_model(float number) {
    struct small_model *model = small_model_make(MINNOW_WEIGHT_F32, 1);
    *(float *)(uintptr_t)model->layers[0][4].dense.linear.bias = number;
    enum minnow_status status = minnow_checkpoint_write(path, &model->contents, NULL, &error);
    small_model_free(model);
    return status;
}

static float read_number(void) {
    struct minnow_checkpoint *checkpoint;
    if (minnow_checkpoint_open(path, NULL, &checkpoint, &error)) fail_msg("did not open: %s", error.message);
    float number = checkpoint->contents.routes[0].layers[4].dense.linear.bias[0];
    minnow_checkpoint_close(checkpoint);
    return number;
}

static int count_entries(const char *folder) {
    DIR *directory = opendir(folder);
    int count = -2; /* . and .. */
    assert_non_null(directory);
    while (readdir(directory)) count++;
    closedir(directory);
    return count;
}

static void put_file(const char *name) {
    char file[160];
    snprintf(file, sizeof file, "%s/%s", path, name);
    int descriptor = open(file, O_WRONLY | O_CREAT, 0600);
    assert_true(descriptor >= 0);
    close(descriptor);
}

/* ---- What is there already ------------------------------------------------------------------ */

static void replaced(void **state) {
    (void)state;
    assert_int_equal(write_model(1), MINNOW_OK);
    put_file("of_before");
    strcat(path, "/");
    assert_int_equal(write_model(2), MINNOW_OK);
    path[strlen(path) - 1] = 0;
    assert_true(read_number() == 2);
    assert_int_equal(count_entries(parent), 1);
    strcat(path, "/of_before");
    assert_int_equal(access(path, F_OK), -1);
}

/* Folders and files of somebody else stay as they are. */
static void left_alone(void **state) {
    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    put_file("config.json");
    assert_int_equal(write_model(1), MINNOW_IO);
    assert_non_null(strstr(error.message, "name another folder"));
    assert_int_equal(count_entries(path), 1);
    assert_int_equal(minnow_checkpoint_check_place(path, &error), MINNOW_IO);
    strcat(path, "/config.json");
    assert_int_equal(write_model(1), MINNOW_IO);
    assert_int_equal(count_entries(parent), 1);
    strcat(path, "/below");
    assert_int_equal(write_model(1), MINNOW_IO);
}

/* A link to a checkpoint is no checkpoint. */
static void links(void **state) {
    (void)state;
    char link[128];
    assert_int_equal(write_model(1), MINNOW_OK);
    snprintf(link, sizeof link, "%s/link", parent);
    assert_int_equal(symlink(path, link), 0);
    char *whole = strdup(path);
    strcpy(path, link);
    assert_int_equal(write_model(2), MINNOW_IO);
    strcpy(path, whole);
    free(whole);
    assert_true(read_number() == 1);
}

static void nowhere(void **state) {
    (void)state;
    assert_int_equal(minnow_checkpoint_check_place(path, &error), MINNOW_OK);
    assert_int_equal(count_entries(parent), 0);
    strcat(path, "/below");
    assert_int_equal(write_model(1), MINNOW_IO);
    assert_int_equal(count_entries(parent), 0);
}

/* ---- Disks that are full, and writers that are killed --------------------------------------- */

static void limit_files(rlim_t bytes) {
    struct rlimit limit = {0};
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* No file can be longer than so many bytes: one after the other is the first that does not fit. */
static void full_disk(void **state) {
    (void)state;
    int failed = 0;
    assert_int_equal(write_model(1), MINNOW_OK);
    signal(SIGXFSZ, SIG_IGN);
    for (int i = 0; i < LIMITS; i++) {
        limit_files((rlim_t)1 << i);
        enum minnow_status status = write_model(2);
        limit_files(RLIM_INFINITY);
        failed += status != MINNOW_OK;
        assert_true(status == MINNOW_OK || status == MINNOW_IO);
        assert_true(read_number() == (status ? 1 : 2));
        assert_int_equal(count_entries(parent), 1);
        assert_int_equal(write_model(1), MINNOW_OK);
    }
    assert_in_range(failed, 10, LIMITS - 1);
}

/* What killed writers left goes; what one that lives has, and what has another name, does not. */
static void orphans(void **state) {
    (void)state;
    char beside[4][200];
    assert_int_equal(write_model(0), MINNOW_OK);
    const char *const endings[4] = {".1-0.tmp", ".77777-3.tmp", ".1-0.tmp.kept", ".2-0.tmp"};
    for (int i = 0; i < 4; i++) {
        snprintf(beside[i], sizeof beside[i], "%s%s", path, endings[i]);
        assert_int_equal(mkdir(beside[i], 0700), 0);
    }
    int lived_in = open(beside[3], O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(lived_in, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(write_model(1), MINNOW_OK);
    for (int i = 0; i < 4; i++) assert_int_equal(access(beside[i], F_OK), i < 2 ? -1 : 0);
    close(lived_in);
    assert_int_equal(rmdir(beside[2]), 0);
    assert_int_equal(rmdir(beside[3]), 0);
}

static void write_until_killed(void) {
    for (int i = 1;; i++)
        if (write_model((float)(i % 2))) _exit(1);
}

static void killed(void **state) {
    (void)state;
    assert_int_equal(write_model(0), MINNOW_OK);
    for (int i = 0; i < KILLS; i++) {
        struct timespec time = {0, 500000L + 700000L * i};
        int status;
        pid_t writer = fork();
        assert_true(writer >= 0);
        if (writer == 0) write_until_killed();
        nanosleep(&time, NULL);
        kill(writer, SIGKILL);
        assert_int_equal(waitpid(writer, &status, 0), writer);
        assert_true(WIFSIGNALED(status));
        float number = read_number();
        assert_true(number == 0 || number == 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replaced, begin, end),  cmocka_unit_test_setup_teardown(left_alone, begin, end),
        cmocka_unit_test_setup_teardown(links, begin, end),     cmocka_unit_test_setup_teardown(nowhere, begin, end),
        cmocka_unit_test_setup_teardown(full_disk, begin, end), cmocka_unit_test_setup_teardown(orphans, begin, end),
        cmocka_unit_test_setup_teardown(killed, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
