/* Files of torch.save that must not be read, and what every defect is called. */
#include "convert/checkpoint/torch_file.h"
#include "tests/unit/torch_containers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* From a block of the exact size. Frees what was built. */
static enum minnow_status read_built(struct built *file, size_t size, struct minnow_error *error) {
    struct minnow_memory *memory = minnow_memory_create();
    struct minnow_tensor *tensors;
    size_t count;
    uint8_t *bytes = malloc(size ? size : 1);
    assert_non_null(bytes);
    if (size) memcpy(bytes, file->bytes, size);
    enum minnow_status status = minnow_torch_read("w.bin", bytes, size, memory, &tensors, &count, error);
    minnow_memory_free(memory);
    free(bytes);
    return status;
}

static void expect_failure(const char *name, struct built file, enum minnow_status expected, const char *const *parts) {
    struct minnow_error error = {0};
    enum minnow_status status = read_built(&file, file.size, &error);
    built_free(&file);
    if (status != expected) fail_msg("%s: status %d, expected %d: %s", name, status, expected, error.message);
    if (strncmp(error.message, "w.bin: ", 7)) fail_msg("%s: \"%s\" does not name the file", name, error.message);
    for (int i = 0; i < 3 && parts[i]; i++)
        if (!strstr(error.message, parts[i])) fail_msg("%s: \"%s\" does not say \"%s\"", name, error.message, parts[i]);
}

static void pickles_are_checked(void **state) {
    (void)state;
    static const struct storages one = {1, {48}};
    for (size_t i = 0; i < COUNT(hostile_pickles); i++) {
        const struct hostile_pickle *pickle = &hostile_pickles[i];
        expect_failure(pickle->name, zip_of_pickle(pickle->bytes, pickle->size, &one, ZIP_CM_STORE), pickle->status,
                       pickle->parts);
    }
}

static void tensors_are_checked(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(hostile_tensors); i++)
        expect_failure(hostile_tensors[i].name, hostile_tensors[i].build(), hostile_tensors[i].status,
                       hostile_tensors[i].parts);
}

static void containers_are_checked(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(hostile_containers); i++)
        expect_failure(hostile_containers[i].name, hostile_containers[i].build(), hostile_containers[i].status,
                       hostile_containers[i].parts);
}

/* What the tables damage is fine before. */
static void undamaged_files_are_read(void **state) {
    (void)state;
    struct built files[] = {good_zip(ZIP_CM_STORE), good_zip(ZIP_CM_DEFLATE), good_legacy(),
                            zip_with(&(struct zip_part){"w/data/0", floats, 48, 0, false}, 1),
                            legacy_with((const char *[]){"0"}, (uint64_t[]){12}, 1)};
    for (size_t i = 0; i < COUNT(files); i++) {
        struct minnow_error error = {0};
        if (read_built(&files[i], files[i].size, &error)) fail_msg("%zu: %s", i, error.message);
        built_free(&files[i]);
    }
}

/* At whatever place a file ends. */
static void files_cut_short_are_refused(void **state) {
    (void)state;
    struct built files[] = {good_zip(ZIP_CM_STORE), good_zip(ZIP_CM_DEFLATE), good_legacy()};
    for (size_t i = 0; i < COUNT(files); i++) {
        for (size_t size = 0; size < files[i].size; size++) {
            struct minnow_error error = {0};
            enum minnow_status status = read_built(&files[i], size, &error);
            if (status != MINNOW_BAD_CHECKPOINT && status != MINNOW_UNSUPPORTED)
                fail_msg("%zu bytes of %zu: status %d, \"%s\"", size, files[i].size, status, error.message);
        }
        built_free(&files[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pickles_are_checked),         cmocka_unit_test(tensors_are_checked),
        cmocka_unit_test(containers_are_checked),      cmocka_unit_test(undamaged_files_are_read),
        cmocka_unit_test(files_cut_short_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
