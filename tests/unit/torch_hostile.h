/* Files of torch.save with one defect each, named after it. */
#ifndef MINNOW_TESTS_TORCH_HOSTILE_H
#define MINNOW_TESTS_TORCH_HOSTILE_H

#include "minnow.h"
#include "tests/unit/torch_builder.h"

struct hostile {
    const char *name;
    struct built (*build)(void);
    enum minnow_status status;
    const char *parts[3]; /* what the error says */
};

/* ---- Pickles ------------------------------------------------------------------------------ */

struct hostile_pickle {
    const char *name, *bytes;
    size_t size;
    enum minnow_status status;
    const char *parts[3];
};

#define BYTES(text) text, sizeof text - 1

static const struct hostile_pickle hostile_pickles[] = {
    {"calls os.system",
     BYTES("\x80\2cposix\nsystem\nX\4\0\0\0echo\x85R."),
     MINNOW_UNSUPPORTED,
     {"posix.system", "executes nothing", "safetensors"}},
    {"calls os.system, named on the stack",
     BYTES("\x80\4\x8c\2os\x8c\6system\x93\x8c\4"
           "echo\x85R."),
     MINNOW_UNSUPPORTED,
     {"os.system", "executes nothing"}},
    {"calls eval while it seems to be torch", BYTES("\x80\2ctorch\neval\n."), MINNOW_UNSUPPORTED, {"torch.eval"}},
    {"names a global with control characters",
     BYTES("\x80\2co\x1b[31m\nsystem\n."),
     MINNOW_UNSUPPORTED,
     {"o?[31m.system"}},
    {"makes an instance (INST)", BYTES("\x80\2(ios\nsystem\n."), MINNOW_UNSUPPORTED, {"os.system"}},
    {"makes an instance of a known class (INST)",
     BYTES("\x80\2(icollections\nOrderedDict\n."),
     MINNOW_UNSUPPORTED,
     {"makes a Python object", "0x69"}},
    {"makes an instance (OBJ)",
     BYTES("\x80\2(ccollections\nOrderedDict\no."),
     MINNOW_UNSUPPORTED,
     {"makes a Python object", "0x6f"}},
    {"makes an object (NEWOBJ)",
     BYTES("\x80\2ccollections\nOrderedDict\n)\x81."),
     MINNOW_UNSUPPORTED,
     {"makes a Python object", "0x81"}},
    {"makes an object (NEWOBJ_EX)",
     BYTES("\x80\4ccollections\nOrderedDict\n)}\x92."),
     MINNOW_UNSUPPORTED,
     {"makes a Python object", "0x92"}},
    {"makes an object (EXT1)", BYTES("\x80\2\x82\1."), MINNOW_UNSUPPORTED, {"makes a Python object", "0x82"}},
    {"sets the state of a list", BYTES("\x80\2]}b."), MINNOW_UNSUPPORTED, {"state of a list"}},
    {"calls a storage type",
     BYTES("\x80\2ctorch\nFloatStorage\nK\1\x85R."),
     MINNOW_UNSUPPORTED,
     {"torch.FloatStorage"}},
    {"calls None", BYTES("\x80\2N)R."), MINNOW_UNSUPPORTED, {"calls None"}},
    {"calls with a list", BYTES("\x80\2ccollections\nOrderedDict\n]R."), MINNOW_UNSUPPORTED, {"with a list"}},
    {"an OrderedDict of numbers",
     BYTES("\x80\2ccollections\nOrderedDict\n](K\1K\2e\x85R."),
     MINNOW_BAD_CHECKPOINT,
     {"OrderedDict", "pairs"}},
    {"a tensor of nothing",
     BYTES("\x80\2ctorch._utils\n_rebuild_tensor_v2\n)R."),
     MINNOW_BAD_CHECKPOINT,
     {"arguments"}},
    {"a tensor of numbers",
     BYTES("\x80\2ctorch._utils\n_rebuild_tensor_v2\n(K\1K\2K\3K\4K\5K\6tR."),
     MINNOW_BAD_CHECKPOINT,
     {"_rebuild_tensor_v2", "storage"}},
    {"a parameter of a number",
     BYTES("\x80\2ctorch._utils\n_rebuild_parameter\nK\1\x85R."),
     MINNOW_BAD_CHECKPOINT,
     {"_rebuild_parameter", "arguments"}},
    {"a persistent text", BYTES("\x80\2X\1\0\0\0aQ."), MINNOW_BAD_CHECKPOINT, {"something else than a storage"}},
    {"a persistent module",
     BYTES("\x80\2(X\6\0\0\0moduleNNNNtQ."),
     MINNOW_BAD_CHECKPOINT,
     {"something else than a storage"}},
    {"a list in itself", BYTES("\x80\2]q\0h\0a."), MINNOW_BAD_CHECKPOINT, {"in itself"}},
    {"a dict in itself", BYTES("\x80\2}q\0X\1\0\0\0ah\0s."), MINNOW_BAD_CHECKPOINT, {"in itself"}},
    {"a dict in itself, several at once", BYTES("\x80\2}q\0(X\1\0\0\0ah\0u."), MINNOW_BAD_CHECKPOINT, {"in itself"}},
    {"a list in its own tuple", BYTES("\x80\2]q\0h\0\x85\x61."), MINNOW_BAD_CHECKPOINT, {"in itself"}},
    {"two lists in each other", BYTES("\x80\2]q\0]q\1h\0ah\1\x61."), MINNOW_BAD_CHECKPOINT, {"lies in another"}},
    {"memo of the last number", BYTES("\x80\2Nr\xff\xff\xff\xff."), MINNOW_BAD_CHECKPOINT, {"puts memo 4294967295"}},
    {"memo that nobody put", BYTES("\x80\2h\5."), MINNOW_BAD_CHECKPOINT, {"takes memo 5"}},
    {"memo between two others", BYTES("\x80\2Nq\0q\2h\1."), MINNOW_BAD_CHECKPOINT, {"takes memo 1"}},
    {"memo of nothing", BYTES("\x80\2q\0."), MINNOW_BAD_CHECKPOINT, {"off the stack"}},
    {"memo of a mark", BYTES("\x80\2(q\0."), MINNOW_BAD_CHECKPOINT, {"off the stack"}},
    {"a text beyond the end", BYTES("\x80\2X\xff\xff\xff\x7fz."), MINNOW_BAD_CHECKPOINT, {"2147483647", "cut short"}},
    {"a text of 2^63 bytes", BYTES("\x80\4\x8d\0\0\0\0\0\0\0\x80z."), MINNOW_BAD_CHECKPOINT, {"9223372036854775808"}},
    {"bytes of 2^64 - 1 bytes",
     BYTES("\x80\4\x8e\xff\xff\xff\xff\xff\xff\xff\xffz."),
     MINNOW_BAD_CHECKPOINT,
     {"18446744073709551615"}},
    {"an int of -1 bytes", BYTES("\x80\2\x8b\xff\xff\xff\xff."), MINNOW_BAD_CHECKPOINT, {"negative"}},
    {"an int beyond the end", BYTES("\x80\2\x8a\xff."), MINNOW_BAD_CHECKPOINT, {"255 bytes"}},
    {"a frame beyond the end",
     BYTES("\x80\4\x95\xff\xff\xff\xff\xff\xff\xff\xffN."),
     MINNOW_BAD_CHECKPOINT,
     {"frame", "cut short"}},
    {"a global without an end", BYTES("\x80\2ctorch\nFloatStorage"), MINNOW_BAD_CHECKPOINT, {"global without an end"}},
    {"a global of numbers", BYTES("\x80\4K\1K\2\x93."), MINNOW_BAD_CHECKPOINT, {"expected two texts"}},
    {"no values", BYTES("\x80\2."), MINNOW_BAD_CHECKPOINT, {"found 0"}},
    {"two values", BYTES("\x80\2NN."), MINNOW_BAD_CHECKPOINT, {"leaves 2 values"}},
    {"a mark for a value", BYTES("\x80\2(."), MINNOW_BAD_CHECKPOINT, {"found 0"}},
    {"pops nothing", BYTES("\x80\2\x30."), MINNOW_BAD_CHECKPOINT, {"off the stack"}},
    {"pops to no mark", BYTES("\x80\2N1."), MINNOW_BAD_CHECKPOINT, {"no mark"}},
    {"a tuple without a mark", BYTES("\x80\2Nt."), MINNOW_BAD_CHECKPOINT, {"no mark"}},
    {"a tuple across a mark", BYTES("\x80\2N(N\x86."), MINNOW_BAD_CHECKPOINT, {"found 1"}},
    {"a dict of three", BYTES("\x80\2}(NNNu."), MINNOW_BAD_CHECKPOINT, {"pairs"}},
    {"a marked dict of one", BYTES("\x80\2(Nd."), MINNOW_BAD_CHECKPOINT, {"pairs"}},
    {"appends to None", BYTES("\x80\2NNa."), MINNOW_UNSUPPORTED, {"adds to None"}},
    {"appends to a dict", BYTES("\x80\2}Na."), MINNOW_UNSUPPORTED, {"adds to a dict"}},
    {"sets items of a list", BYTES("\x80\2](NNu."), MINNOW_UNSUPPORTED, {"adds to a list"}},
    {"appends below the stack", BYTES("\x80\2(Ne."), MINNOW_BAD_CHECKPOINT, {"no container below"}},
    {"appends across two marks", BYTES("\x80\2]((Ne."), MINNOW_BAD_CHECKPOINT, {"no container below"}},
    {"an operation of protocol 0", BYTES("\x80\2I1\n."), MINNOW_UNSUPPORTED, {"operation 0x49"}},
    {"an operation of no protocol", BYTES("\x80\2\xff."), MINNOW_UNSUPPORTED, {"operation 0xff"}},
    {"a buffer outside the pickle", BYTES("\x80\5\x97."), MINNOW_UNSUPPORTED, {"operation 0x97"}},
    {"protocol 1", BYTES("\x80\1N."), MINNOW_UNSUPPORTED, {"protocol is 1"}},
    {"protocol 6", BYTES("\x80\6N."), MINNOW_UNSUPPORTED, {"protocol is 6"}},
    {"no protocol", BYTES("(dp0\n."), MINNOW_BAD_CHECKPOINT, {"begins with 0x28"}},
    {"no end", BYTES("\x80\2}"), MINNOW_BAD_CHECKPOINT, {"pickle"}},
    {"a number alone", BYTES("\x80\2K\1."), MINNOW_BAD_CHECKPOINT, {"holds an int"}},
    {"an empty dict", BYTES("\x80\2}."), MINNOW_BAD_CHECKPOINT, {"holds no tensors"}},
};

/* `count` times `bytes`, between a beginning and an end. */
static inline struct built repeat(const char *begin, const char *bytes, size_t count, const char *end) {
    struct built built = {0};
    put_text(&built, begin);
    for (size_t i = 0; i < count; i++) put_text(&built, bytes);
    put_text(&built, end);
    return built;
}

static inline struct built zip_and_free(struct built pickle) {
    struct built file = zip_of_pickle(pickle.bytes, pickle.size, &(struct storages){1, {48}}, ZIP_CM_STORE);
    built_free(&pickle);
    return file;
}

enum { MANY = 1 << 20 };

static inline struct built deep_lists(void) {
    return zip_and_free(repeat("\x80\2]", "\x5d", 100,
                               "aaaaaaaaaaaaaaaaaaaa"
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."));
}
static inline struct built deep_tuples(void) { return zip_and_free(repeat("\x80\2N", "\x85", 100, ".")); }
static inline struct built many_marks(void) { return zip_and_free(repeat("\x80\2", "(", MANY, ".")); }
static inline struct built many_tuples(void) { return zip_and_free(repeat("\x80\2(", ")", MANY, "t.")); }
static inline struct built many_lists(void) { return zip_and_free(repeat("\x80\2](", "]", MANY, "e.")); }
static inline struct built many_copies(void) { return zip_and_free(repeat("\x80\2N", "2", MANY, ".")); }
static inline struct built many_memos(void) { return zip_and_free(repeat("\x80\4N", "\x94", MANY, ".")); }
/* Three to the power of 60 Nones, each level three times the one below. */
static inline struct built laughs(void) { return zip_and_free(repeat("\x80\2N", "22\x87", 60, ".")); }
static inline struct built ordered_laughs(void) {
    struct built pickle = {0};
    put_text(&pickle, "\x80\2(](");
    for (int i = 0; i < 20000; i++) put_text(&pickle, "NN\x86");
    put_text(&pickle, "eq\1");
    pickle_global(&pickle, "collections", "OrderedDict");
    put_text(&pickle, "q\2");
    for (int i = 0; i < 20000; i++) put_text(&pickle, "h\2h\1\x85R");
    put_text(&pickle, "t.");
    return zip_and_free(pickle);
}

/* ---- Tensors ------------------------------------------------------------------------------ */

static inline struct built zip_of_tensor(struct built_tensor tensor) {
    return zip_and_free(pickle_tensors(&tensor, 1, false));
}

#define FLOATS "x", "FloatStorage", "0", 12

static inline struct built negative_shape(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, 0, 1, {-3}, {1}});
}
static inline struct built negative_stride(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, 11, 1, {3}, {-1}});
}
static inline struct built negative_offset(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, -4, 1, {3}, {1}});
}
static inline struct built nine_dimensions(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, 0, 9, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}});
}
static inline struct built overflowing_shape(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, 0, 2, {INT64_MAX, INT64_MAX}, {0, 0}});
}
static inline struct built overflowing_reach(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, 1, 3, {3, 3, 1}, {INT64_MAX, 1, 1}});
}
static inline struct built wrapping_reach(void) { /* 4 * 2^62 is 0 in 64 bits */
    return zip_of_tensor((struct built_tensor){FLOATS, 0, 1, {5}, {(int64_t)1 << 62}});
}
static inline struct built overflowing_offset(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, INT64_MAX, 1, {3}, {1}});
}
static inline struct built one_too_far(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, 1, 2, {3, 4}, {4, 1}});
}
static inline struct built stride_too_far(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, 0, 2, {4, 3}, {4, 1}});
}
static inline struct built expanded_bomb(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, 0, 2, {1 << 20, 1 << 20}, {0, 0}});
}
static inline struct built expanded_beyond_memory(void) {
    return zip_of_tensor((struct built_tensor){FLOATS, 0, 2, {(int64_t)1 << 31, (int64_t)1 << 31}, {0, 0}});
}
static inline struct built shape_without_strides(void) {
    struct built pickle = {0};
    struct built_tensor tensor = {FLOATS, 0, 1, {3}, {1}};
    put_text(&pickle, "\x80\2}X\1");
    put(&pickle, "\0\0\0x", 4);
    pickle_global(&pickle, "torch._utils", "_rebuild_tensor_v2");
    put_text(&pickle, "(");
    pickle_storage(&pickle, &tensor, false, NULL);
    put_text(&pickle, "K\1K\3\x85)\x89NtRs.");
    return zip_and_free(pickle);
}
static inline struct built larger_count(void) {
    return zip_of_tensor((struct built_tensor){"x", "FloatStorage", "0", 13, 0, 1, {3}, {1}});
}
static inline struct built huge_count(void) { /* 4 times 2^62 is 0 in 64 bits */
    return zip_of_tensor((struct built_tensor){"x", "FloatStorage", "0", (int64_t)1 << 62, 0, 1, {3}, {1}});
}
static inline struct built negative_count(void) {
    return zip_of_tensor((struct built_tensor){"x", "FloatStorage", "0", -1, 0, 1, {3}, {1}});
}
static inline struct built missing_storage(void) {
    return zip_of_tensor((struct built_tensor){"x", "FloatStorage", "7", 12, 0, 1, {3}, {1}});
}
static inline struct built storage_outside(void) {
    return zip_of_tensor((struct built_tensor){"x", "FloatStorage", "../../etc/passwd", 12, 0, 1, {3}, {1}});
}
static inline struct built quantized_storage(void) {
    return zip_of_tensor((struct built_tensor){"x", "QInt8Storage", "0", 12, 0, 1, {3}, {1}});
}
static inline struct built long_key(void) {
    static char key[2000];
    memset(key, 'k', sizeof key - 1);
    return zip_of_tensor((struct built_tensor){"x", "FloatStorage", key, 12, 0, 1, {3}, {1}});
}
/* Named thousands of times, a tuple that long must not be looked at each time. */
static inline struct built long_shape(void) {
    struct built pickle = {0};
    put_text(&pickle, "\x80\2(");
    for (int i = 0; i < 50000; i++) put_text(&pickle, "K\1");
    put_text(&pickle, "t\x85q\1");
    pickle_global(&pickle, "torch", "Size");
    put_text(&pickle, "q\2");
    for (int i = 0; i < 300000; i++) put_text(&pickle, "h\2h\1R0");
    put_text(&pickle, ".");
    return zip_and_free(pickle);
}
static inline struct built twice(void) {
    struct built_tensor both[2] = {{FLOATS, 0, 1, {3}, {1}}, {FLOATS, 1, 1, {3}, {1}}};
    return zip_and_free(pickle_tensors(both, 2, false));
}
static inline struct built named(const char *bytes, size_t size) {
    struct built pickle = {0};
    struct built_tensor tensor = {FLOATS, 0, 1, {3}, {1}};
    put_text(&pickle, "\x80\2}(");
    if (bytes)
        pickle_text_of(&pickle, bytes, size);
    else
        pickle_integer(&pickle, 5);
    pickle_tensor(&pickle, &tensor, false, NULL);
    put_text(&pickle, "u.");
    return zip_and_free(pickle);
}
static inline struct built name_with_0(void) { return named("a\0b", 3); }
static inline struct built name_of_number(void) { return named(NULL, 0); }
static inline struct built tensor_alone(void) {
    struct built pickle = {0};
    put_text(&pickle, "\x80\2");
    pickle_tensor(&pickle, &(struct built_tensor){FLOATS, 0, 1, {3}, {1}}, false, NULL);
    put_text(&pickle, ".");
    return zip_and_free(pickle);
}
/* Each tensor is the whole of one large storage. */
static inline struct built repeated_storage(void) {
    enum { COUNT = 100, FLOATS_EACH = 25000 };
    static char names[COUNT][16];
    struct built_tensor tensors[COUNT];
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "x%d", i);
        tensors[i] = (struct built_tensor){names[i], "FloatStorage", "0", FLOATS_EACH, 0, 1, {FLOATS_EACH}, {1}};
    }
    struct built pickle = pickle_tensors(tensors, COUNT, false);
    void *zeros = calloc(FLOATS_EACH, 4);
    struct zip_part parts[] = {{"w/data.pkl", pickle.bytes, pickle.size, 0, false},
                               {"w/data/0", zeros, FLOATS_EACH * 4, 0, false}};
    struct built file = zip_of(parts, 2);
    free(zeros);
    built_free(&pickle);
    return file;
}

static const struct hostile hostile_tensors[] = {
    {"lists nested deeply", deep_lists, MINNOW_BAD_CHECKPOINT, {"nested deeper than 64"}},
    {"tuples nested deeply", deep_tuples, MINNOW_BAD_CHECKPOINT, {"nested deeper than 64"}},
    {"a million marks", many_marks, MINNOW_BAD_CHECKPOINT, {"more memory"}},
    {"a million tuples", many_tuples, MINNOW_BAD_CHECKPOINT, {"more memory"}},
    {"a million lists", many_lists, MINNOW_BAD_CHECKPOINT, {"more memory"}},
    {"a million copies", many_copies, MINNOW_BAD_CHECKPOINT, {"more memory"}},
    {"a million memos", many_memos, MINNOW_BAD_CHECKPOINT, {"more memory"}},
    {"tuples of tuples of tuples", laughs, MINNOW_BAD_CHECKPOINT, {"holds a tuple"}},
    {"ordered dicts of one long list", ordered_laughs, MINNOW_BAD_CHECKPOINT, {"more memory"}},
    {"a negative shape", negative_shape, MINNOW_BAD_CHECKPOINT, {"x: ", "shape is -3"}},
    {"a negative stride", negative_stride, MINNOW_BAD_CHECKPOINT, {"x: ", "stride is -1"}},
    {"a negative offset", negative_offset, MINNOW_BAD_CHECKPOINT, {"x: ", "offset is -4"}},
    {"nine dimensions", nine_dimensions, MINNOW_BAD_CHECKPOINT, {"x: ", "dimensions is 9"}},
    {"an overflowing shape", overflowing_shape, MINNOW_BAD_CHECKPOINT, {"x: ", "less than 2^64"}},
    {"an overflowing reach", overflowing_reach, MINNOW_BAD_CHECKPOINT, {"x: ", "beyond its storage"}},
    {"a reach that wraps to 0", wrapping_reach, MINNOW_BAD_CHECKPOINT, {"x: ", "beyond its storage"}},
    {"an overflowing offset", overflowing_offset, MINNOW_BAD_CHECKPOINT, {"x: ", "beyond its storage"}},
    {"one element too far", one_too_far, MINNOW_BAD_CHECKPOINT, {"x: ", "[3,4]", "12 elements"}},
    {"a stride too far", stride_too_far, MINNOW_BAD_CHECKPOINT, {"x: ", "[4,3]", "12 elements"}},
    {"an expanded bomb", expanded_bomb, MINNOW_BAD_CHECKPOINT, {"x: ", "more memory"}},
    {"an expanded bomb of 2^64 bytes", expanded_beyond_memory, MINNOW_BAD_CHECKPOINT, {"x: ", "too large"}},
    {"a shape without strides", shape_without_strides, MINNOW_BAD_CHECKPOINT, {"_rebuild_tensor_v2"}},
    {"a larger count than the storage", larger_count, MINNOW_BAD_CHECKPOINT, {"w/data/0", "48 bytes", "13 elements"}},
    {"a huge count", huge_count, MINNOW_BAD_CHECKPOINT, {"w/data/0", "48 bytes", "4611686018427387904 elements"}},
    {"a negative count", negative_count, MINNOW_BAD_CHECKPOINT, {"something else than a storage"}},
    {"a missing storage", missing_storage, MINNOW_BAD_CHECKPOINT, {"w/data/7", "missing"}},
    {"a storage outside the archive", storage_outside, MINNOW_BAD_CHECKPOINT, {"data/../../etc/passwd", "missing"}},
    {"a quantized storage", quantized_storage, MINNOW_UNSUPPORTED, {"torch.QInt8Storage"}},
    {"a long key", long_key, MINNOW_BAD_CHECKPOINT, {"something else than a storage"}},
    {"a long shape, named often", long_shape, MINNOW_BAD_CHECKPOINT, {"torch.Size"}},
    {"a name twice", twice, MINNOW_BAD_CHECKPOINT, {"x: found twice"}},
    {"a name with a 0", name_with_0, MINNOW_BAD_CHECKPOINT, {"a?b", "holds a 0"}},
    {"a name that is a number", name_of_number, MINNOW_BAD_CHECKPOINT, {"an int"}},
    {"a tensor alone", tensor_alone, MINNOW_BAD_CHECKPOINT, {"holds a tensor"}},
    {"a storage a hundred times", repeated_storage, MINNOW_BAD_CHECKPOINT, {"repeat", "64 times"}},
};

#endif
