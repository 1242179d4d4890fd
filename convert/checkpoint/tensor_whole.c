#include "convert/checkpoint/tensor.h"

#include <string.h>

/* Little-endian two's complement of `size` bytes. */
static int64_t read_value(const uint8_t *bytes, size_t size) {
    uint64_t value = bytes[size - 1] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = size; i > 0; i--) value = value << 8 | bytes[i - 1];
    return (int64_t)value;
}

static size_t size_of(const struct minnow_tensor *tensor) {
    static const struct {
        const char *name;
        size_t size;
    } types[] = {{"I8", 1}, {"I16", 2}, {"I32", 4}, {"I64", 8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(tensor->type_name, types[i].name)) return types[i].size;
    return 0;
}

bool minnow_tensor_is_whole(const struct minnow_tensor *tensor) { return size_of(tensor) > 0; }

enum minnow_status minnow_tensor_read_whole(const struct minnow_tensor *tensor, int64_t *out,
                                            struct minnow_error *error) {
    uint64_t count = minnow_tensor_count(tensor);
    size_t size = size_of(tensor);
    if (!size)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %.160s: dtype is %s, expected I8, I16, I32 or I64",
                           tensor->file, tensor->name, tensor->type_name);
    for (uint64_t i = 0; i < count; i++) out[i] = read_value(tensor->bytes + i * size, size);
    return MINNOW_OK;
}
