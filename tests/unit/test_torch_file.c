/* Files of torch.save: what is read of them, and out of which files of a folder. */
#include "convert/checkpoint/checkpoint.h"
#include "convert/checkpoint/torch_file.h"
#include "tests/unit/torch_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct read {
    struct minnow_memory *memory;
    struct minnow_tensor *tensors;
    size_t count;
};

/* From a block of the exact size, so that a byte too many is seen. Frees what was built. */
static struct read read_built(struct built *built) {
    struct read read = {.memory = minnow_memory_create()};
    struct minnow_error error = {0};
    uint8_t *bytes = minnow_memory_take(read.memory, built->size);
    memcpy(bytes, built->bytes, built->size);
    size_t size = built->size;
    built_free(built);
    if (minnow_torch_read("w.bin", bytes, size, read.memory, &read.tensors, &read.count, &error))
        fail_msg("was not read: %s", error.message);
    return read;
}

static const struct minnow_tensor *find(const struct read *read, const char *name) {
    for (size_t i = 0; i < read->count; i++)
        if (!strcmp(read->tensors[i].name, name)) return &read->tensors[i];
    fail_msg("no tensor %s", name);
    return NULL;
}

/* The tensor has this shape, and its elements of `width` bytes are those of storage `storage` at `places`. */
static void assert_elements(const struct read *read, const char *name, const char *type, const char *shape,
                            size_t storage, size_t width, const size_t *places, size_t count) {
    const struct minnow_tensor *tensor = find(read, name);
    uint8_t bytes[MOST_STORAGE_BYTES];
    storage_bytes(bytes, sizeof bytes, storage);
    assert_string_equal(tensor->type_name, type);
    assert_string_equal(minnow_shape_text(tensor->shape, tensor->rank).text, shape);
    assert_int_equal(tensor->size, count * width);
    for (size_t i = 0; i < count; i++) assert_memory_equal(tensor->bytes + i * width, bytes + places[i] * width, width);
}

/* Two storages, the first seen in five ways. */
static const struct built_tensor tensors[] = {
    {"whole", "FloatStorage", "0", 12, 0, 2, {3, 4}, {4, 1}},
    {"turned", "FloatStorage", "0", 12, 0, 2, {4, 3}, {1, 4}},
    {"column", "FloatStorage", "0", 12, 2, 1, {3}, {4}},
    {"number", "FloatStorage", "0", 12, 7, 0, {0}, {0}},
    {"none", "FloatStorage", "0", 12, 12, 2, {0, 4}, {4, 1}},
    {"repeated", "FloatStorage", "0", 12, 1, 3, {2, 1, 2}, {0, 99, 2}},
    {"a.ids", "LongStorage", "1", 3, 1, 1, {2}, {1}},
};
static const struct storages storages = {2, {48, 24}};
static const size_t counts[] = {12, 3};

static void assert_tensors(const struct read *read) {
    static const size_t whole[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const size_t turned[] = {0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11};
    assert_int_equal(read->count, 7);
    for (size_t i = 1; i < read->count; i++) assert_true(strcmp(read->tensors[i - 1].name, read->tensors[i].name) < 0);
    assert_elements(read, "whole", "F32", "[3,4]", 0, 4, whole, 12);
    assert_elements(read, "turned", "F32", "[4,3]", 0, 4, turned, 12);
    assert_elements(read, "column", "F32", "[3]", 0, 4, (const size_t[]){2, 6, 10}, 3);
    assert_elements(read, "number", "F32", "[]", 0, 4, (const size_t[]){7}, 1);
    assert_elements(read, "none", "F32", "[0,4]", 0, 4, NULL, 0);
    assert_elements(read, "repeated", "F32", "[2,1,2]", 0, 4, (const size_t[]){1, 3, 1, 3}, 4);
    assert_elements(read, "a.ids", "I64", "[2]", 1, 8, (const size_t[]){1, 2}, 2);
    assert_int_equal(find(read, "a.ids")->type, MINNOW_TENSOR_OTHER);
}

static void both_containers_give_the_same_tensors(void **state) {
    (void)state;
    for (int way = 0; way < 3; way++) {
        bool legacy = way == 2;
        struct built pickle = pickle_tensors(tensors, 7, legacy);
        struct built file =
            legacy ? legacy_of_pickle(pickle.bytes, pickle.size, &storages, counts)
                   : zip_of_pickle(pickle.bytes, pickle.size, &storages, way == 0 ? ZIP_CM_STORE : ZIP_CM_DEFLATE);
        struct read read = read_built(&file);
        assert_tensors(&read);
        minnow_memory_free(read.memory);
        built_free(&pickle);
    }
}

/* Row-major tensors of stored entries are not copied. */
static void stored_tensors_point_into_the_file(void **state) {
    (void)state;
    struct built pickle = pickle_tensors(tensors, 2, false);
    struct built file = zip_of_pickle(pickle.bytes, pickle.size, &storages, ZIP_CM_STORE);
    struct minnow_memory *memory = minnow_memory_create();
    struct minnow_tensor *table;
    size_t count;
    struct minnow_error error = {0};
    assert_int_equal(minnow_torch_read("w", file.bytes, file.size, memory, &table, &count, &error), MINNOW_OK);
    assert_string_equal(table[1].name, "whole");
    assert_true(table[1].bytes >= file.bytes && table[1].bytes < file.bytes + file.size);
    assert_false(table[0].bytes >= file.bytes && table[0].bytes < file.bytes + file.size);
    minnow_memory_free(memory);
    built_free(&file);
    built_free(&pickle);
}

static void types(void **state) {
    (void)state;
    static const struct {
        const char *storage, *name;
        enum minnow_tensor_type type;
        size_t bytes;
    } cases[] = {
        {"FloatStorage", "F32", MINNOW_TENSOR_F32, 4},    {"DoubleStorage", "F64", MINNOW_TENSOR_F64, 8},
        {"HalfStorage", "F16", MINNOW_TENSOR_F16, 2},     {"BFloat16Storage", "BF16", MINNOW_TENSOR_BF16, 2},
        {"LongStorage", "I64", MINNOW_TENSOR_OTHER, 8},   {"IntStorage", "I32", MINNOW_TENSOR_OTHER, 4},
        {"ShortStorage", "I16", MINNOW_TENSOR_OTHER, 2},  {"CharStorage", "I8", MINNOW_TENSOR_OTHER, 1},
        {"ByteStorage", "U8", MINNOW_TENSOR_OTHER, 1},    {"BoolStorage", "BOOL", MINNOW_TENSOR_OTHER, 1},
        {"UntypedStorage", "U8", MINNOW_TENSOR_OTHER, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct built_tensor tensor = {"x", cases[i].storage, "0", 3, 0, 1, {3}, {1}};
        struct storages one = {1, {3 * cases[i].bytes}};
        struct built pickle = pickle_tensors(&tensor, 1, false);
        struct built file = zip_of_pickle(pickle.bytes, pickle.size, &one, ZIP_CM_STORE);
        struct read read = read_built(&file);
        assert_int_equal(read.tensors->type, cases[i].type);
        assert_elements(&read, "x", cases[i].name, "[3]", 0, cases[i].bytes, (const size_t[]){0, 1, 2}, 3);
        minnow_memory_free(read.memory);
        built_free(&pickle);
    }
}

/* A dict with plain values, the tensors under `key` ("": beside them). */
static struct built pickle_nested(const char *key) {
    struct built built = {0};
    put_text(&built, "\x80\2}(");
    pickle_text(&built, "epoch");
    put_text(&built, "K\3");
    pickle_text(&built, "loss");
    put(&built, "G\x3f\xd0\0\0\0\0\0\0", 9);
    pickle_text(&built, "options");
    put_text(&built, "](K\1}N\x88s)\x86\x85]e");
    put_text(&built, "K\7");
    put(&built, "\x8a\x09\1\2\3\4\5\6\7\x08\x09", 11);
    if (*key) {
        pickle_text(&built, key);
        pickle_global(&built, "collections", "OrderedDict");
        put_text(&built, ")R(");
    }
    pickle_text(&built, "weight");
    pickle_tensor(&built, &tensors[0], false, NULL);
    pickle_text(&built, "list");
    put_text(&built, "]");
    if (*key) {
        put_text(&built, "u}");
        pickle_text(&built, "_metadata");
        pickle_global(&built, "collections", "OrderedDict");
        put_text(&built, ")R");
        pickle_text(&built, "");
        put_text(&built, "}");
        pickle_text(&built, "version");
        put_text(&built, "K\1sssb");
    }
    put_text(&built, "u.");
    return built;
}

static void plain_values_are_left_out(void **state) {
    (void)state;
    static const char *const keys[] = {"", "state_dict", "model_state_dict", "model_dict", "model"};
    for (size_t i = 0; i < 5; i++) {
        struct built pickle = pickle_nested(keys[i]);
        struct built file = zip_of_pickle(pickle.bytes, pickle.size, &storages, ZIP_CM_STORE);
        struct read read = read_built(&file);
        assert_int_equal(read.count, 1);
        assert_string_equal(read.tensors->name, "weight");
        minnow_memory_free(read.memory);
        built_free(&pickle);
    }
}

/* Python 2: byte strings, a memo from 1, a dict of pairs, a tensor without gradient flags, views of storages. */
static void files_of_python_2(void **state) {
    (void)state;
    static const int64_t part[] = {4, 6}, shape[] = {2, 2}, strides[] = {3, 1};
    struct built pickle = {0};
    put_text(&pickle, "\x80\2");
    pickle_global(&pickle, "collections", "OrderedDict");
    put_text(&pickle, "q\1](](U\6weightq\2");
    pickle_global(&pickle, "torch._utils", "_rebuild_tensor");
    put_text(&pickle, "(");
    pickle_storage(&pickle, &tensors[0], true, part);
    pickle_integer(&pickle, 1);
    pickle_integers(&pickle, shape, 2);
    pickle_integers(&pickle, strides, 2);
    put_text(&pickle, "tRee\x85R.");
    struct built file = legacy_of_pickle(pickle.bytes, pickle.size, &(struct storages){1, {48}}, counts);
    struct read read = read_built(&file);
    assert_int_equal(read.count, 1);
    assert_elements(&read, "weight", "F32", "[2,2]", 0, 4, (const size_t[]){5, 6, 8, 9}, 4);
    minnow_memory_free(read.memory);
    built_free(&pickle);
}

/* Frames, short texts, the memo that counts itself and globals off the stack. */
static void protocol_4(void **state) {
    (void)state;
    struct built inner = {0};
    put_text(&inner, "}\x94(\x8c\1x\x94\x8c\x0ctorch._utils\x94\x8c\x12_rebuild_tensor_v2\x94\x93\x94((\x8c\7storage"
                     "\x94\x8c\5torch\x94\x8c\x0c"
                     "FloatStorage\x94\x93\x94\x8c\1");
    put_text(&inner, "0\x94\x8c\3cpu\x94K\x0ct\x94QK");
    put_number(&inner, 0, 1);
    put_text(&inner, "K\3\x85\x94K\1\x85\x94\x89Nt\x94R\x94u.");
    struct built pickle = {0};
    put_text(&pickle, "\x80\4\x95");
    put_number(&pickle, inner.size, 8);
    put(&pickle, inner.bytes, inner.size);
    struct built file = zip_of_pickle(pickle.bytes, pickle.size, &(struct storages){1, {48}}, ZIP_CM_STORE);
    struct read read = read_built(&file);
    assert_elements(&read, "x", "F32", "[3]", 0, 4, (const size_t[]){0, 1, 2}, 3);
    minnow_memory_free(read.memory);
    built_free(&inner);
    built_free(&pickle);
}

/* ---- Folders ------------------------------------------------------------------------------ */

static struct minnow_checkpoint *open_folder(const struct folder *folder) {
    static const struct minnow_checkpoint_options options = {.pooling = "mean"}; /* what a plain folder does not say */
    struct minnow_checkpoint *checkpoint = NULL;
    struct minnow_error error = {0};
    if (minnow_checkpoint_open(folder->path, &options, &checkpoint, &error)) fail_msg("did not open: %s", error.message);
    return checkpoint;
}

/* Every place gives what model.safetensors gave, its source's hash too. */
static void folders_of_every_kind_are_one(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    struct plan plan = plan_bert("");
    struct minnow_checkpoint *first = open_folder(&folder);
    static const char *const names[] = {"pytorch_model.bin", "pytorch_model.bin", "best-model.pytorch-state-dict", ""};
    folder_delete(&folder, "model.safetensors");
    for (size_t i = 0; i < 4; i++) {
        if (*names[i])
            plan_write_torch(&plan, &folder, names[i], i == 1, 0, 1);
        else
            write_torch_shards(&plan, &folder);
        struct minnow_checkpoint *other = open_folder(&folder);
        assert_memory_equal(other->contents.space, first->contents.space, 32);
        assert_string_equal(other->contents.source_sha256, first->contents.source_sha256);
        minnow_checkpoint_close(other);
        if (*names[i]) folder_delete(&folder, names[i]);
    }
    minnow_checkpoint_close(first);
    folder_remove(&folder);
}

/* The preferred one counts where several are there: the others hold other weights. */
static void safetensors_go_first(void **state) {
    (void)state;
    struct folder folder = folder_bert();
    struct minnow_checkpoint *first = open_folder(&folder);
    struct plan plan = plan_bert("");
    plan.tensors[0].seed += 1000;
    plan_write_torch(&plan, &folder, "pytorch_model.bin", false, 0, 1);
    struct minnow_checkpoint *both = open_folder(&folder);
    assert_memory_equal(both->contents.space, first->contents.space, 32);
    folder_delete(&folder, "model.safetensors");
    struct minnow_checkpoint *second = open_folder(&folder);
    assert_memory_not_equal(second->contents.space, first->contents.space, 32);
    folder_write(&folder, "best-model.pytorch-state-dict", "not looked at");
    folder_write(&folder, "pytorch_model.bin.index.json", "not looked at");
    struct minnow_checkpoint *third = open_folder(&folder);
    assert_memory_equal(third->contents.space, second->contents.space, 32);
    minnow_checkpoint_close(third);
    minnow_checkpoint_close(second);
    minnow_checkpoint_close(both);
    minnow_checkpoint_close(first);
    folder_remove(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_containers_give_the_same_tensors),
        cmocka_unit_test(stored_tensors_point_into_the_file),
        cmocka_unit_test(types),
        cmocka_unit_test(plain_values_are_left_out),
        cmocka_unit_test(files_of_python_2),
        cmocka_unit_test(protocol_4),
        cmocka_unit_test(folders_of_every_kind_are_one),
        cmocka_unit_test(safetensors_go_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
