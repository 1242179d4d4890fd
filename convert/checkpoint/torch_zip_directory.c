#include "convert/checkpoint/torch_parts.h"

#include <inttypes.h>
#include <string.h>

/* APPNOTE.TXT of PKWARE, 4.3.12 to 4.3.16. */
enum {
    END_SIZE = 22,        /* of the end of directory: entries at 8 and 10, bytes at 12, a comment behind */
    LOCATOR_SIZE = 20,    /* of zip64's locator right before it: its record's place at 8 */
    END64_SIZE = 56,      /* of that record: entries at 24 and 32, bytes at 40 */
    MOST_ENTRIES = 32768, /* of several models; libzip's table of names takes squared time where names are chosen to */
    ENTRY_SIZE = 46,      /* of an entry of the directory, at least */
    MOST_COMMENT = 65535  /* behind the end of directory */
};

static uint64_t number_at(const uint8_t *bytes, size_t width) {
    uint64_t number = 0;
    for (size_t i = width; i-- > 0;) number = number << 8 | bytes[i];
    return number;
}

/* Where the end of the directory begins. libzip looks at every signature in this range. */
static enum minnow_status find_end(const struct minnow_torch_file *file, size_t *end, struct minnow_error *error) {
    size_t range = END_SIZE + LOCATOR_SIZE + MOST_COMMENT, found = 0;
    size_t first = file->size > range ? file->size - range : 0;
    for (size_t place = first; file->size >= END_SIZE && place <= file->size - END_SIZE; place++) {
        if (memcmp(file->bytes + place, "PK\5\6", 4)) continue;
        *end = place;
        found++;
    }
    if (found == 1) return MINNOW_OK;
    if (!found)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: no directory at the end of the zip archive (is the file cut short?)", file->file);
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: the zip archive has %zu ends, expected 1", file->file, found);
}

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* zip64's record, where its locator stands before the end, has the numbers that are too large for that. */
static enum minnow_status read_record(const struct minnow_torch_file *file, size_t end,
                                      struct minnow_zip_directory *directory, struct minnow_error *error) {
    const uint8_t *locator = end >= LOCATOR_SIZE ? file->bytes + end - LOCATOR_SIZE : NULL;
    if (!locator || memcmp(locator, "PK\6\7", 4)) return MINNOW_OK;
    uint64_t place = number_at(locator + 8, 8);
    if (place > end || end - place < END64_SIZE)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: the zip archive's directory ends at %" PRIu64 ", expected before %zu", file->file,
                           place, end);
    const uint8_t *record = file->bytes + place;
    directory->entries = larger(number_at(record + 24, 8), number_at(record + 32, 8));
    directory->bytes = number_at(record + 40, 8);
    return MINNOW_OK;
}

enum minnow_status minnow_zip_directory(const struct minnow_torch_file *file, struct minnow_zip_directory *directory,
                                        struct minnow_error *error) {
    size_t end = 0;
    enum minnow_status status = find_end(file, &end, error);
    if (status) return status;
    const uint8_t *bytes = file->bytes + end;
    directory->entries = larger(number_at(bytes + 8, 2), number_at(bytes + 10, 2));
    directory->bytes = number_at(bytes + 12, 4);
    status = read_record(file, end, directory, error);
    if (status) return status;
    if (directory->entries > MOST_ENTRIES)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: the zip archive claims %" PRIu64 " entries, expected at most %d", file->file,
                           directory->entries, MOST_ENTRIES);
    if (directory->bytes <= file->size && directory->entries <= directory->bytes / ENTRY_SIZE) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "%s: the zip archive claims %" PRIu64 " entries in %" PRIu64
                       " bytes, expected a directory that fits its %zu bytes",
                       file->file, directory->entries, directory->bytes, file->size);
}
