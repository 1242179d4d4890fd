/* Reading a file of torch.save never needs more memory than twice the file, and what small files need: every
 * allocation of the process is counted, libzip's too, over all the hostile files. */
#include "convert/checkpoint/torch_file.h"
#include "tests/unit/torch_containers.h"

#include <malloc.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROOM_FOR_SMALL_FILES = 256 << 10 };

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define COUNTING 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTING 0
#endif
#endif
#ifndef COUNTING
#define COUNTING 1
#endif

static volatile size_t live, peak; /* bytes; the compiler knows malloc, and that it leaves them alone */

#if COUNTING
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *old);

/* Hidden, they would be seen by this program's own code alone. */
#define EVERYWHERE __attribute__((visibility("default")))

static void *count_block(void *block) {
    if (block) live += malloc_usable_size(block);
    if (live > peak) peak = live;
    return block;
}

EVERYWHERE void *malloc(size_t size) { return count_block(__libc_malloc(size)); }
EVERYWHERE void *calloc(size_t count, size_t size) { return count_block(__libc_calloc(count, size)); }
EVERYWHERE void *aligned_alloc(size_t alignment, size_t size) { return count_block(__libc_memalign(alignment, size)); }

EVERYWHERE void free(void *old) {
    if (old) live -= malloc_usable_size(old);
    __libc_free(old);
}

/* While it moves, both blocks are there. */
EVERYWHERE void *realloc(void *old, size_t size) {
    size_t before = old ? malloc_usable_size(old) : 0;
    void *block = count_block(__libc_realloc(old, size));
    if (block || !size) live -= before;
    return block;
}
#endif

/* What reading takes at most. Frees what was built. */
static size_t measure(struct built *file, enum minnow_status *status) {
    size_t before = live;
    struct minnow_error error = {0};
    struct minnow_tensor *tensors;
    size_t count;
    peak = live;
    struct minnow_memory *memory = minnow_memory_create();
    *status = minnow_torch_read("w.bin", file->bytes, file->size, memory, &tensors, &count, &error);
    size_t taken = peak - before;
    minnow_memory_free(memory);
    if (COUNTING && live != before) fail_msg("%zu bytes are still there", live - before);
    return taken;
}

static void expect_modest(const char *name, struct built file, bool readable) {
    enum minnow_status status;
    size_t taken = measure(&file, &status), limit = 2 * file.size + ROOM_FOR_SMALL_FILES;
    if ((status == MINNOW_OK) != readable) fail_msg("%s: status %d", name, status);
    if (taken > limit) fail_msg("%s: %zu bytes, expected at most %zu for a file of %zu", name, taken, limit, file.size);
    built_free(&file);
}

static void hostile_files_take_little(void **state) {
    (void)state;
    static const struct storages one = {1, {48}};
    for (size_t i = 0; i < sizeof hostile_pickles / sizeof *hostile_pickles; i++) {
        const struct hostile_pickle *pickle = &hostile_pickles[i];
        expect_modest(pickle->name, zip_of_pickle(pickle->bytes, pickle->size, &one, ZIP_CM_STORE), false);
    }
    for (size_t i = 0; i < sizeof hostile_tensors / sizeof *hostile_tensors; i++)
        expect_modest(hostile_tensors[i].name, hostile_tensors[i].build(), false);
    for (size_t i = 0; i < sizeof hostile_containers / sizeof *hostile_containers; i++)
        expect_modest(hostile_containers[i].name, hostile_containers[i].build(), false);
}

/* `count` tensors of 64 floats, each a storage of its own. */
static struct built many_tensors(size_t count, bool turned, int method) {
    struct built_tensor *tensors = calloc(count, sizeof *tensors);
    struct zip_part *parts = calloc(count + 1, sizeof *parts);
    char(*names)[48] = calloc(count, sizeof *names);
    assert_true(tensors && parts && names);
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], 16, "layer.%zu", i);
        snprintf(names[i] + 16, 32, "w/data/%zu", i);
        tensors[i] = (struct built_tensor){
            names[i], "FloatStorage", names[i] + 23, 64, 0, 2, {8, 8}, {turned ? 1 : 8, turned ? 8 : 1}};
        parts[i + 1] = (struct zip_part){names[i] + 16, zeros + i, 256, method, false};
    }
    struct built pickle = pickle_tensors(tensors, count, false);
    parts[0] = (struct zip_part){"w/data.pkl", pickle.bytes, pickle.size, method, false};
    struct built file = zip_of(parts, count + 1);
    built_free(&pickle);
    free(names);
    free(parts);
    free(tensors);
    return file;
}

static void good_files_fit_too(void **state) {
    (void)state;
    expect_modest("one tensor", good_zip(ZIP_CM_STORE), true);
    expect_modest("one deflated tensor", good_zip(ZIP_CM_DEFLATE), true);
    expect_modest("an old file", good_legacy(), true);
    expect_modest("many tensors", many_tensors(2000, false, ZIP_CM_STORE), true);
    expect_modest("many transposed tensors", many_tensors(400, true, ZIP_CM_STORE), true);
}

static void the_counter_counts(void **state) {
    (void)state;
    size_t before = live;
    void *volatile block = malloc(100000);
    assert_true(!COUNTING || live >= before + 100000);
    free(block);
    assert_int_equal(live, before);
    struct built file = good_zip(ZIP_CM_DEFLATE);
    enum minnow_status status;
    assert_true(!COUNTING || measure(&file, &status) > 40000); /* the window of libzip's decompressor is among it */
    built_free(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_counts),
        cmocka_unit_test(hostile_files_take_little),
        cmocka_unit_test(good_files_fit_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
