/* A model file comes back as it was written, from wherever it lies; a damaged one is named. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/built_model.h"
#include "tests/unit/same_contents.h"

/* ---- The same as before ---- */

static void comes_back(struct built built) {
    struct minnow_model *model = open_built(&built);
    struct minnow_error error = {0};
    same_contents(&built.model->contents, &model->contents);
    if (minnow_model_verify(model, &error) != MINNOW_OK) fail_msg("%s", error.message);

    uint8_t *again;
    size_t size;
    assert_int_equal(minnow_file_build(&model->contents, &again, &size, &error), MINNOW_OK);
    assert_int_equal(size, built.size);
    assert_memory_equal(again, built.bytes, size);
    free(again);
    minnow_model_close(model);
    release(&built);
}

static void round_trips(void **state) {
    (void)state;
    for (int type = MINNOW_WEIGHT_F32; type <= MINNOW_WEIGHT_S4; type++) {
        comes_back(build((enum minnow_weight_type)type, 1));
        for (int family = 0; family < SMALL_FAMILIES; family++)
            comes_back(build_family((enum small_family)family, (enum minnow_weight_type)type));
    }
}

static void shared_tensors_are_stored_once(void **state) {
    (void)state;
    struct built two = build(MINNOW_WEIGHT_F32, 2);
    struct minnow_model *model = open_built(&two);
    assert_ptr_equal(model->contents.routes[0].layers[0].embedding.words.data,
                     model->contents.routes[1].layers[0].embedding.words.data);
    assert_true((const uint8_t *)model->contents.tokenizers[0].slots == two.bytes + 16384);
    struct minnow_model_info info;
    minnow_model_info(model, &info);
    /* attention 4 h (h + 1), feed-forward h i twice and its biases, two norms */
    size_t block = 4 * HIDDEN * (HIDDEN + 1) + 2 * HIDDEN * INTERMEDIATE + INTERMEDIATE + HIDDEN + 4 * HIDDEN;
    size_t embedding = (16 + MAX_TOKENS + 2) * HIDDEN + 2 * HIDDEN, dense = HIDDEN * DIMENSIONS + DIMENSIONS;
    assert_int_equal(info.parameters, embedding + 2 * block + 2 * dense);
    minnow_model_close(model);
    release(&two);
}

static void parameters_of_factors_are_counted(void **state) {
    (void)state;
    struct built factored = build_family(SMALL_FACTORED, MINNOW_WEIGHT_S8);
    struct minnow_model *model = open_built(&factored);
    struct minnow_model_info info;
    minnow_model_info(model, &info);
    size_t block = 4 * HIDDEN * (HIDDEN + 1) + 2 * HIDDEN * INTERMEDIATE + INTERMEDIATE + HIDDEN + 4 * HIDDEN;
    size_t words = 16 * RANK + RANK * HIDDEN + HIDDEN, positions_and_norm = MAX_TOKENS * HIDDEN + 2 * HIDDEN;
    size_t narrower = (HIDDEN - NARROW) * (3 * (HIDDEN + 1) + HIDDEN); /* what the second block's attention lacks */
    assert_int_equal(info.parameters, words + positions_and_norm + 2 * block - narrower);
    minnow_model_close(model);
    release(&factored);
}

static void describes_itself(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 2);
    struct minnow_model *model = open_built(&built);
    struct minnow_model_info info;
    minnow_model_info(model, &info);
    assert_string_equal(info.name, "small");
    assert_string_equal(info.weights, "s8");
    assert_string_equal(info.prompts[MINNOW_QUERY], "a: ");
    assert_int_equal(info.max_tokens[MINNOW_QUERY], MAX_TOKENS - 6);
    assert_int_equal(info.max_tokens[MINNOW_DOCUMENT], MAX_TOKENS);
    assert_int_equal(info.dimensions, DIMENSIONS);
    assert_int_equal(info.file_bytes, built.size);
    assert_int_equal(info.golden_count, 12);
    assert_int_equal(info.matryoshka_count, 3);
    assert_int_equal(info.similarity, MINNOW_DOT);
    assert_true(strlen(minnow_cpu_name()) > 0);
    minnow_model_close(model);
    release(&built);
}

/* ---- From memory, a path, a descriptor ---- */

static char folder[] = "/tmp/minnow-model-XXXXXX";

static const char *in_folder(const char *name) {
    static char path[100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder); /* fails where a test left something behind */
}

static void opens_a_path(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    const char *path = in_folder("model.mnw");
    uint64_t size = 0;
    assert_int_equal(minnow_file_write(&built.model->contents, path, &size, &error), MINNOW_OK);
    assert_int_equal(size, built.size);
    assert_int_equal(minnow_model_open_path(path, NULL, &model, &error), MINNOW_OK);
    assert_memory_equal(model->bytes, built.bytes, built.size);
    assert_int_equal(minnow_model_verify(model, &error), MINNOW_OK);
    minnow_model_close(model);
    assert_int_equal(truncate(path, (off_t)built.size - 1), 0);
    assert_int_equal(minnow_model_open_path(path, NULL, &model, &error), MINNOW_BAD_MODEL);
    assert_non_null(strstr(error.message, "model.mnw: file: "));
    assert_non_null(strstr(error.message, "; truncated or damaged"));
    unlink(path);
    assert_int_equal(minnow_model_open_path(path, NULL, &model, &error), MINNOW_IO);
    assert_non_null(strstr(error.message, "model.mnw: No such file"));
    assert_int_equal(minnow_model_open_path(folder, NULL, &model, &error), MINNOW_IO);
    assert_non_null(strstr(error.message, "not a regular file"));
    release(&built);
}

static int file_with_model_at(const char *path, const struct built *built, off_t offset) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, built->bytes, built->size, offset), built->size);
    assert_int_equal(pwrite(fd, "behind", 6, offset + (off_t)built->size), 6);
    return fd;
}

static void opens_a_descriptor(void **state) {
    (void)state;
    static const uint64_t offsets[] = {0, 64, 4096, 4096 + 192, 16384};
    struct built built = build(MINNOW_WEIGHT_F32, 2);
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    const char *path = in_folder("archive");
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        int fd = file_with_model_at(path, &built, (off_t)offsets[i]);
        assert_int_equal(minnow_model_open_fd(fd, offsets[i], built.size, NULL, &model, &error), MINNOW_OK);
        close(fd);
        assert_int_equal(minnow_model_verify(model, &error), MINNOW_OK);
        minnow_model_close(model);
    }
    int fd = file_with_model_at(path, &built, 100);
    assert_int_equal(minnow_model_open_fd(fd, 100, built.size, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "offset 100 is not a multiple of 64"));
    assert_int_equal(minnow_model_open_fd(fd, 128, built.size, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_fd(fd, UINT64_MAX - 63, 128, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_fd(fd, 64, UINT64_MAX, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    close(fd);
    assert_int_equal(minnow_model_open_fd(fd, 0, built.size, NULL, &model, &error), MINNOW_IO);
    unlink(path);
    release(&built);
}

static void opens_the_default(void **state) {
    (void)state;
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    struct minnow_model_options options = {.size = sizeof options, .isa = "avx1024"};
    assert_int_equal(minnow_model_open_default(NULL, &model, &error), MINNOW_OK);
    assert_int_equal(model->contents.similarity, MINNOW_COSINE);
    minnow_model_close(model);
    assert_int_equal(minnow_model_open_default(&options, &model, &error), MINNOW_UNSUPPORTED);
    assert_non_null(strstr(error.message, "the default model: isa"));
    assert_int_equal(minnow_model_open_default(NULL, NULL, &error), MINNOW_INVALID_ARGUMENT);
}

static void refuses_arguments(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    struct minnow_model_options options = {.size = sizeof options, .isa = "avx1024"};
    assert_int_equal(minnow_model_open_memory(built.bytes + 8, built.size - 8, NULL, &model, &error),
                     MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_memory(NULL, 0, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_path(NULL, NULL, &model, &error), MINNOW_INVALID_ARGUMENT);
    assert_int_equal(minnow_model_open_memory(built.bytes, built.size, &options, &model, &error), MINNOW_UNSUPPORTED);
    assert_non_null(
        strstr(error.message, "isa: \"avx1024\" is not in this build; known are reference"));
    options.isa = "reference";
    assert_int_equal(minnow_model_open_memory(built.bytes, built.size, &options, &model, &error), MINNOW_OK);
    assert_string_equal(model->kernels.isa, "reference");
    assert_int_equal(minnow_model_verify(model, &error), MINNOW_OK);
    minnow_model_close(model);
    minnow_model_close(NULL);
    options.size = 4;
    assert_int_equal(minnow_model_open_memory(built.bytes, built.size, &options, &model, &error),
                     MINNOW_INVALID_ARGUMENT);
    release(&built);
}

/* ---- Writing: whole or not at all ---- */

static bool folder_is_empty(void) {
    if (rmdir(folder) != 0) return false;
    return mkdir(folder, 0700) == 0;
}

static void writing_fails_cleanly(void **state) {
    (void)state;
    struct built built = build(MINNOW_WEIGHT_S8, 1);
    const struct minnow_contents *contents = &built.model->contents;
    struct minnow_error error = {0};
    assert_int_equal(minnow_file_write(contents, "/nowhere/model.mnw", NULL, &error), MINNOW_IO);
    assert_string_equal(error.message, "/nowhere/model.mnw: No such file or directory");
    assert_int_equal(minnow_file_write(contents, "/dev/null", NULL, &error), MINNOW_IO);
    assert_string_equal(error.message, "/dev/null: exists and is not a regular file");

    struct rlimit before, small = {.rlim_cur = 20000, .rlim_max = RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN); /* the write then fails, as on a full disk */
    setrlimit(RLIMIT_FSIZE, &small);
    assert_int_equal(minnow_file_write(contents, in_folder("full.mnw"), NULL, &error), MINNOW_IO);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_non_null(strstr(error.message, "full.mnw: File too large"));
    assert_true(folder_is_empty());
    release(&built);
}

static void replaces_a_file(void **state) {
    (void)state;
    struct built one = build(MINNOW_WEIGHT_S8, 1), two = build(MINNOW_WEIGHT_F32, 1);
    struct minnow_model *model = NULL;
    struct minnow_error error = {0};
    const char *path = in_folder("model.mnw");
    assert_int_equal(minnow_file_write(&one.model->contents, path, NULL, &error), MINNOW_OK);
    assert_int_equal(minnow_model_open_path(path, NULL, &model, &error), MINNOW_OK);
    assert_int_equal(minnow_file_write(&two.model->contents, path, NULL, &error), MINNOW_OK);
    assert_memory_equal(model->bytes, one.bytes, one.size); /* the open model keeps the old file */
    minnow_model_close(model);
    struct stat information;
    assert_int_equal(stat(path, &information), 0);
    assert_int_equal(information.st_size, two.size);
    unlink(path);
    assert_true(folder_is_empty());
    release(&one);
    release(&two);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),           cmocka_unit_test(shared_tensors_are_stored_once),
        cmocka_unit_test(parameters_of_factors_are_counted),
        cmocka_unit_test(describes_itself),      cmocka_unit_test(opens_a_path),
        cmocka_unit_test(opens_a_descriptor),    cmocka_unit_test(opens_the_default),
        cmocka_unit_test(refuses_arguments),
        cmocka_unit_test(writing_fails_cleanly), cmocka_unit_test(replaces_a_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
