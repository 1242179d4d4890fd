/* One safetensors file: hostile headers, and half precision to the last bit. */
#include "convert/checkpoint/safetensors.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static enum minnow_status read_header(const char *header, size_t data_size, struct minnow_memory *memory,
                                      struct minnow_tensor **tensors, size_t *count, struct minnow_error *error) {
    uint64_t size = strlen(header);
    uint8_t *file = minnow_memory_take(memory, 8 + size + data_size);
    memcpy(file, &size, 8);
    memcpy(file + 8, header, size);
    return minnow_safetensors_read("model.safetensors", file, 8 + size + data_size, memory, tensors, count, error);
}

static void headers_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *header;
        size_t data_size;
        const char *parts[3];
    } cases[] = {
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, {"a: data_offsets", "4 bytes", "[2]"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, {"a: data_offsets", "[0,4]", "<= 3"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, {"a: data_offsets", "[4,0]", "begin"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, {"a: ", "shape", "-1"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, {"a: ", "shape", "1.5"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1e300],\"data_offsets\":[0,4]}}", 4, {"a: ", "shape", "2^53"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
         0,
         {"a: data_offsets", "0 bytes", "[4294967296,4294967296]"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}",
         4,
         {"a: ", "shape", "at most 8"}},
        {"{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, {"a: ", "dtype", "F31"}},
        {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, {"a: ", "dtype", "missing"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, {"a: ", "data_offsets", "missing"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}",
         8,
         {"a: ", "data_offsets", "[begin,end]"}},
        {"{\"a\":[]}", 0, {"a: ", "dtype"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}",
         6,
         {"b: ", "overlap"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}",
         12,
         {"b: ", "gap"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
         8,
         {"a: ", "twice"}},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5, {"5 bytes", "expected 4"}},
        {"[1]", 0, {"header", "an array"}},
        {"{\"a\":", 0, {"header", "JSON"}},
        {"{} x", 0, {"header", "JSON"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct minnow_memory *memory = minnow_memory_create();
        struct minnow_tensor *tensors;
        size_t count;
        struct minnow_error error = {0};
        enum minnow_status status = read_header(cases[i].header, cases[i].data_size, memory, &tensors, &count, &error);
        if (status != MINNOW_BAD_CHECKPOINT) fail_msg("%s: status %d", cases[i].header, status);
        for (int k = 0; k < 3 && cases[i].parts[k]; k++)
            if (!strstr(error.message, cases[i].parts[k]))
                fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].header, error.message, cases[i].parts[k]);
        minnow_memory_free(memory);
    }
}

static void header_may_be_padded_and_hold_other_types(void **state) {
    (void)state;
    struct minnow_memory *memory = minnow_memory_create();
    struct minnow_tensor *tensors;
    size_t count;
    struct minnow_error error = {0};
    const char *header = "{\"position_ids\":{\"dtype\":\"I64\",\"shape\":[1,2],\"data_offsets\":[4,20]},"
                         "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                         "\"none\":{\"dtype\":\"F32\",\"shape\":[0,5],\"data_offsets\":[4,4]}}     ";
    assert_int_equal(read_header(header, 20, memory, &tensors, &count, &error), MINNOW_OK);
    assert_int_equal(count, 3);
    assert_string_equal(tensors[0].name, "a");
    float value = 1;
    assert_int_equal(minnow_tensor_read(&tensors[0], &value, &error), MINNOW_OK);
    assert_true(value == 0);
    assert_string_equal(tensors[2].name, "position_ids");
    assert_int_equal(minnow_tensor_read(&tensors[2], &value, &error), MINNOW_UNSUPPORTED);
    assert_non_null(strstr(error.message, "position_ids: dtype is I64, expected F32, F64, F16 or BF16"));
    minnow_memory_free(memory);
}

static void half_values_are_exact(void **state) {
    (void)state;
    static const uint16_t halves[] = {0x0000, 0x8000, 0x0001, 0x83ff, 0x0400, 0x3c00, 0xbc01, 0x7bff};
    static const float expected[] = {0.0f,     -0.0f, 0x1p-24f,        -1023 * 0x1p-24f,
                                     0x1p-14f, 1.0f,  -(1 + 0x1p-10f), 65504.0f};
    float values[8];
    struct minnow_error error = {0};
    struct minnow_tensor tensor = {"x", "f", "F16", MINNOW_TENSOR_F16, 1, {8}, (const uint8_t *)halves, 16};
    assert_int_equal(minnow_tensor_read(&tensor, values, &error), MINNOW_OK);
    assert_memory_equal(values, expected, sizeof values);
    static const uint16_t infinite[] = {0x3c00, 0x7c00}, nan_bf16[] = {0x7fc0};
    tensor = (struct minnow_tensor){"x", "f", "F16", MINNOW_TENSOR_F16, 1, {2}, (const uint8_t *)infinite, 4};
    assert_int_equal(minnow_tensor_read(&tensor, values, &error), MINNOW_BAD_CHECKPOINT);
    assert_non_null(strstr(error.message, "f: x: value 1 is infinite"));
    tensor = (struct minnow_tensor){"x", "f", "BF16", MINNOW_TENSOR_BF16, 1, {1}, (const uint8_t *)nan_bf16, 2};
    assert_int_equal(minnow_tensor_read(&tensor, values, &error), MINNOW_BAD_CHECKPOINT);
    assert_non_null(strstr(error.message, "f: x: value 0 is NaN"));
}

static void doubles_are_rounded(void **state) {
    (void)state;
    static const double doubles[] = {0.1, -3.5, 1e300};
    static const float expected[] = {0.1f, -3.5f};
    float values[3];
    struct minnow_error error = {0};
    struct minnow_tensor tensor = {"x", "f", "F64", MINNOW_TENSOR_F64, 1, {2}, (const uint8_t *)doubles, 16};
    assert_int_equal(minnow_tensor_read(&tensor, values, &error), MINNOW_OK);
    assert_memory_equal(values, expected, sizeof expected);
    tensor = (struct minnow_tensor){"x", "f", "F64", MINNOW_TENSOR_F64, 1, {3}, (const uint8_t *)doubles, 24};
    assert_int_equal(minnow_tensor_read(&tensor, values, &error), MINNOW_BAD_CHECKPOINT);
    assert_non_null(strstr(error.message, "f: x: value 2 is infinite"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_checked),
        cmocka_unit_test(header_may_be_padded_and_hold_other_types),
        cmocka_unit_test(half_values_are_exact),
        cmocka_unit_test(doubles_are_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
