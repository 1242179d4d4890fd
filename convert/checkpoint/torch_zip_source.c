#include "convert/checkpoint/torch_parts.h"

#include <string.h>
#include <zip.h>

static zip_int64_t read_bytes(struct minnow_zip_bytes *bytes, void *out, zip_uint64_t size) {
    uint64_t left = bytes->size - bytes->position;
    if (size > left) size = left;
    if (size) memcpy(out, bytes->bytes + bytes->position, size);
    bytes->last = bytes->position;
    bytes->position += size;
    return (zip_int64_t)size;
}

static zip_int64_t seek(struct minnow_zip_bytes *bytes, void *arguments, zip_uint64_t size) {
    zip_error_t error;
    zip_error_init(&error);
    zip_int64_t position = zip_source_seek_compute_offset(bytes->position, bytes->size, arguments, size, &error);
    zip_error_fini(&error);
    if (position < 0) return -1;
    bytes->position = (uint64_t)position;
    return 0;
}

static zip_int64_t describe(const struct minnow_zip_bytes *bytes, zip_stat_t *information) {
    zip_stat_init(information);
    information->size = bytes->size;
    information->valid = ZIP_STAT_SIZE;
    return sizeof *information;
}

static zip_int64_t run_command(void *context, void *data, zip_uint64_t size, zip_source_cmd_t command) {
    struct minnow_zip_bytes *bytes = context;
    zip_error_t unreadable = {.zip_err = ZIP_ER_SEEK};
    switch (command) {
    case ZIP_SOURCE_OPEN:
        bytes->position = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return read_bytes(bytes, data, size);
    case ZIP_SOURCE_SEEK:
        return seek(bytes, data, size);
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)bytes->position;
    case ZIP_SOURCE_STAT:
        return describe(bytes, data);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&unreadable, data, size);
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_SEEKABLE;
    default: /* closing and freeing: the bytes are borrowed */
        return 0;
    }
}

zip_source_t *minnow_zip_source(struct minnow_zip_bytes *bytes, zip_error_t *error) {
    return zip_source_function_create(run_command, bytes, error);
}
