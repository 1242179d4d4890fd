#include "convert/checkpoint/safetensors.h"

#include "convert/checkpoint/json_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Types of the format that fill whole bytes. */
static const struct type_entry {
    const char *name;
    enum minnow_tensor_type type;
    uint32_t bytes;
} types[] = {
    {"F32", MINNOW_TENSOR_F32, 4},       {"F16", MINNOW_TENSOR_F16, 2},       {"BF16", MINNOW_TENSOR_BF16, 2},
    {"I64", MINNOW_TENSOR_OTHER, 8},     {"I32", MINNOW_TENSOR_OTHER, 4},     {"I16", MINNOW_TENSOR_OTHER, 2},
    {"I8", MINNOW_TENSOR_OTHER, 1},      {"U64", MINNOW_TENSOR_OTHER, 8},     {"U32", MINNOW_TENSOR_OTHER, 4},
    {"U16", MINNOW_TENSOR_OTHER, 2},     {"U8", MINNOW_TENSOR_OTHER, 1},      {"BOOL", MINNOW_TENSOR_OTHER, 1},
    {"F64", MINNOW_TENSOR_F64, 8},       {"C64", MINNOW_TENSOR_OTHER, 8},     {"F8_E4M3", MINNOW_TENSOR_OTHER, 1},
    {"F8_E5M2", MINNOW_TENSOR_OTHER, 1}, {"F8_E8M0", MINNOW_TENSOR_OTHER, 1},
};

static const struct type_entry *find_type(const char *name) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i].name, name)) return &types[i];
    return NULL;
}

static enum minnow_status fail_tensor(const struct minnow_tensor *tensor, const char *key, const cJSON *found,
                                      const char *expected, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %.160s: %s is %s, expected %s", tensor->file, tensor->name,
                       key, minnow_json_found(found).text, expected);
}

static enum minnow_status read_type(const cJSON *entry, struct minnow_tensor *tensor, uint32_t *bytes,
                                    struct minnow_error *error) {
    const cJSON *value = minnow_json_get(entry, "dtype");
    const struct type_entry *type = cJSON_IsString(value) ? find_type(value->valuestring) : NULL;
    if (!type) return fail_tensor(tensor, "dtype", value, "a type of the safetensors format such as F32", error);
    tensor->type_name = type->name;
    tensor->type = type->type;
    *bytes = type->bytes;
    return MINNOW_OK;
}

static enum minnow_status read_shape(const cJSON *entry, struct minnow_tensor *tensor, struct minnow_error *error) {
    const cJSON *value = minnow_json_get(entry, "shape");
    if (!cJSON_IsArray(value)) return fail_tensor(tensor, "shape", value, "an array of whole numbers", error);
    for (const cJSON *item = value->child; item; item = item->next) {
        if (tensor->rank == MINNOW_TENSOR_RANK)
            return fail_tensor(tensor, "shape", value, "at most 8 dimensions", error);
        if (!minnow_json_is_integer(item, &tensor->shape[tensor->rank]))
            return fail_tensor(tensor, "a number in shape", item, "a whole number from 0 to 2^53", error);
        tensor->rank++;
    }
    return MINNOW_OK;
}

/* shape times type must be exactly the bytes given; a product that overflows is none that fits. */
static enum minnow_status check_size(const struct minnow_tensor *tensor, uint32_t type_bytes,
                                     struct minnow_error *error) {
    uint64_t expected = type_bytes;
    bool fits = true;
    for (uint32_t i = 0; i < tensor->rank; i++) fits &= !__builtin_mul_overflow(expected, tensor->shape[i], &expected);
    if (fits && expected == tensor->size) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "%s: %.160s: data_offsets give %" PRIu64 " bytes, expected what shape %s of %s takes",
                       tensor->file, tensor->name, tensor->size, minnow_shape_text(tensor->shape, tensor->rank).text,
                       tensor->type_name);
}

static enum minnow_status read_place(const cJSON *entry, const uint8_t *data, size_t data_size,
                                     struct minnow_tensor *tensor, struct minnow_error *error) {
    const cJSON *value = minnow_json_get(entry, "data_offsets");
    uint64_t begin, end;
    if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) != 2 || !minnow_json_is_integer(value->child, &begin) ||
        !minnow_json_is_integer(value->child->next, &end))
        return fail_tensor(tensor, "data_offsets", value, "[begin,end] in whole numbers", error);
    if (begin > end || end > data_size)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: %.160s: data_offsets are [%" PRIu64 ",%" PRIu64
                           "], expected begin <= end <= %zu (is the file cut short?)",
                           tensor->file, tensor->name, begin, end, data_size);
    tensor->bytes = data + begin;
    tensor->size = end - begin;
    return MINNOW_OK;
}

static enum minnow_status read_tensor(const cJSON *entry, const uint8_t *data, size_t data_size,
                                      struct minnow_memory *memory, struct minnow_tensor *tensor,
                                      struct minnow_error *error) {
    tensor->name = minnow_memory_copy_text(memory, entry->string, strlen(entry->string));
    if (!tensor->name) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for its names", tensor->file);
    uint32_t type_bytes = 0;
    enum minnow_status status = read_type(entry, tensor, &type_bytes, error);
    if (!status) status = read_shape(entry, tensor, error);
    if (!status) status = read_place(entry, data, data_size, tensor, error);
    return status ? status : check_size(tensor, type_bytes, error);
}

static int by_place(const void *left, const void *right) {
    const struct minnow_tensor *a = left, *b = right;
    if (a->bytes != b->bytes) return a->bytes < b->bytes ? -1 : 1;
    return a->size < b->size ? -1 : a->size > b->size;
}

/* Leaves the table in the order of the data. */
static enum minnow_status check_places(const char *file, const uint8_t *data, size_t data_size,
                                       struct minnow_tensor *tensors, size_t count, struct minnow_error *error) {
    if (count) qsort(tensors, count, sizeof *tensors, by_place);
    const uint8_t *end = data;
    for (size_t i = 0; i < count; i++) {
        if (tensors[i].bytes != end)
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                               "%s: %.160s: data begin at %zu, expected %zu, the end of the tensor before: %s", file,
                               tensors[i].name, (size_t)(tensors[i].bytes - data), (size_t)(end - data),
                               tensors[i].bytes < end ? "they overlap" : "there is a gap");
        end += tensors[i].size;
    }
    if ((size_t)(end - data) != data_size)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: has %zu bytes of data, expected %zu by its header", file,
                           data_size, (size_t)(end - data));
    return MINNOW_OK;
}

static bool is_tensor(const cJSON *entry) { return strcmp(entry->string, "__metadata__") != 0; }

static enum minnow_status read_header(const char *file, const cJSON *header, const uint8_t *data, size_t data_size,
                                      struct minnow_memory *memory, struct minnow_tensor **tensors, size_t *count,
                                      struct minnow_error *error) {
    if (!cJSON_IsObject(header))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: its header is %s, expected an object", file,
                           minnow_json_found(header).text);
    size_t entries = 0;
    for (const cJSON *entry = header->child; entry; entry = entry->next) entries += is_tensor(entry);
    struct minnow_tensor *table = minnow_memory_take(memory, entries * sizeof *table);
    if (!table) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for %zu tensors", file, entries);
    size_t filled = 0;
    for (const cJSON *entry = header->child; entry; entry = entry->next) {
        if (!is_tensor(entry)) continue;
        table[filled].file = file;
        enum minnow_status status = read_tensor(entry, data, data_size, memory, &table[filled], error);
        if (status) return status;
        filled++;
    }
    *tensors = table;
    *count = filled;
    enum minnow_status status = check_places(file, data, data_size, table, filled, error);
    return status ? status : minnow_tensors_sort(file, table, filled, error);
}

static uint64_t read_u64(const uint8_t *bytes) {
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) value = value << 8 | bytes[i];
    return value;
}

enum minnow_status minnow_safetensors_read(const char *file, const uint8_t *bytes, size_t size,
                                           struct minnow_memory *memory, struct minnow_tensor **tensors, size_t *count,
                                           struct minnow_error *error) {
    if (size < 8)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: has %zu bytes, expected a safetensors file", file, size);
    uint64_t header_size = read_u64(bytes);
    size_t room = size - 8 < MINNOW_SAFETENSORS_HEADER_LIMIT ? size - 8 : MINNOW_SAFETENSORS_HEADER_LIMIT;
    if (header_size > room)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: header length is %" PRIu64 ", expected at most %zu (cut short, or not safetensors?)",
                           file, header_size, room);
    char name[300];
    snprintf(name, sizeof name, "%.280s: header", file);
    cJSON *header;
    enum minnow_status status = minnow_json_parse(name, (const char *)bytes + 8, (size_t)header_size, &header, error);
    if (status) return status;
    size_t data_place = 8 + (size_t)header_size;
    status = read_header(file, header, bytes + data_place, size - data_place, memory, tensors, count, error);
    cJSON_Delete(header);
    return status;
}
