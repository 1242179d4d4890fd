#include "convert/checkpoint/torch_file.h"

#include "convert/checkpoint/torch_parts.h"

#include <string.h>

/* Beside twice the file: what small files need, libzip's buffers most of all. */
enum { ROOM_FOR_SMALL_FILES = 256 << 10 };

static bool begins_with(const struct minnow_torch_file *file, size_t place, const char *text) {
    size_t size = strlen(text);
    return file->size >= place + size && !memcmp(file->bytes + place, text, size);
}

static enum minnow_status fail_unknown(const struct minnow_torch_file *file, struct minnow_error *error) {
    if (begins_with(file, 257, "ustar"))
        return minnow_fail(
            error, MINNOW_UNSUPPORTED,
            "%s: is a tar archive as torch wrote before 0.1.10, expected one of a later torch.save; load "
            "it in Python and save the weights as safetensors",
            file->file);
    if (begins_with(file, 0, "version https://git-lfs"))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: is a pointer of Git LFS, expected the weights; fetch them with git lfs pull",
                           file->file);
    if (file->size && file->bytes[0] == 0x80)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "%s: is a pickle, but not one of torch.save; save the weights as safetensors", file->file);
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "%s: has %zu bytes that begin like nothing known, expected a file of torch.save", file->file,
                       file->size);
}

static enum minnow_status read_container(struct minnow_torch_file *file, struct minnow_pickle_value *object,
                                         struct minnow_error *error) {
    if (begins_with(file, 0, "PK")) return minnow_torch_read_zip(file, object, error);
    if (minnow_torch_is_legacy(file->bytes, file->size)) return minnow_torch_read_legacy(file, object, error);
    return fail_unknown(file, error);
}

enum minnow_status minnow_torch_read(const char *file, const uint8_t *bytes, size_t size, struct minnow_memory *memory,
                                     struct minnow_tensor **tensors, size_t *count, struct minnow_error *error) {
    size_t limit = size < SIZE_MAX / 4 ? 2 * size + ROOM_FOR_SMALL_FILES : size;
    struct minnow_allowance allowance = {limit};
    struct minnow_pool values = {.memory = minnow_memory_create(), .allowance = &allowance};
    struct minnow_pool lasting = {.memory = memory, .allowance = &allowance};
    if (!values.memory) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory to read it", file);
    struct minnow_torch_file opened = {
        .file = file, .bytes = bytes, .size = size, .values = &values, .lasting = &lasting};
    struct minnow_pickle_value object;
    enum minnow_status status = read_container(&opened, &object, error);
    if (!status) status = minnow_torch_state(&opened, &object, tensors, count, error);
    minnow_memory_free(values.memory);
    return status;
}
