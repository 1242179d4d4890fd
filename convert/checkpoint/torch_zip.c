#include "convert/checkpoint/torch_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

/* NAME/data.pkl, NAME/data/KEY for each storage, NAME/byteorder, and what is of no interest here. */

enum {
    LIBRARY_BYTES = 128 << 10, /* what libzip and its decompressor take, at most */
    ENTRY_BYTES = 320,         /* and for each entry, beside what the directory says of it */
    PROBE_BYTES = 64,
    NAME_BYTES = 512,
};

struct archive {
    struct minnow_torch_file *file;
    struct minnow_zip_bytes bytes;
    zip_t *zip;
    const char *root; /* NAME: not ended by 0 */
    int root_size;
};

struct entry {
    const char *name;
    const uint8_t *bytes;
    uint64_t size;
};

static enum minnow_status fail_entry(const struct archive *archive, const char *name, const char *what,
                                     struct minnow_error *error) {
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: entry %.160s: %s", archive->file->file, name, what);
}

/* ---- The bytes of an entry ---------------------------------------------------------------- */

/* libzip does not say where in the file a stored entry lies, but reads it through our source: there the first bytes
 * came from. NULL where they did not, or where the rest would not follow. */
static const uint8_t *locate(struct archive *archive, zip_file_t *opened, uint64_t size) {
    uint8_t probe[PROBE_BYTES];
    uint64_t wanted = size < PROBE_BYTES ? size : PROBE_BYTES;
    const struct minnow_zip_bytes *bytes = &archive->bytes;
    if (zip_fread(opened, probe, wanted) != (zip_int64_t)wanted) return NULL;
    if (bytes->last > bytes->size || size > bytes->size - bytes->last) return NULL;
    const uint8_t *place = bytes->bytes + bytes->last;
    return memcmp(place, probe, (size_t)wanted) ? NULL : place;
}

/* A compressed entry, inflated to the size that the directory declares and not a byte further. */
static enum minnow_status inflate_entry(struct archive *archive, zip_file_t *opened, struct minnow_pool *pool,
                                        struct entry *entry, struct minnow_error *error) {
    uint8_t *bytes = minnow_pool_take(pool, (size_t)entry->size), more;
    if (!bytes)
        return minnow_fail_within(error, minnow_pool_fail(pool, error), "%s: entry %.160s", archive->file->file,
                                  entry->name);
    zip_int64_t got = zip_fread(opened, bytes, entry->size);
    /* At the end libzip compares the checksum. */
    if (got != (zip_int64_t)entry->size || zip_fread(opened, &more, 1) != 0)
        return fail_entry(archive, entry->name, "is damaged, or is not as long as the archive's directory says", error);
    entry->bytes = bytes;
    return MINNOW_OK;
}

static enum minnow_status check_entry(const struct archive *archive, const zip_stat_t *information,
                                      struct minnow_error *error) {
    const zip_uint64_t known = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((information->valid & known) != known) return fail_entry(archive, information->name, "is not described", error);
    if (information->encryption_method != ZIP_EM_NONE)
        return fail_entry(archive, information->name, "is encrypted, expected plain data", error);
    if (information->comp_method != ZIP_CM_STORE && information->comp_method != ZIP_CM_DEFLATE)
        return fail_entry(archive, information->name, "is compressed otherwise than by deflate, expected stored data",
                          error);
    if (information->comp_method == ZIP_CM_STORE && information->comp_size != information->size)
        return fail_entry(archive, information->name, "is stored and has two sizes, expected one", error);
    if (information->comp_size > archive->bytes.size)
        return fail_entry(archive, information->name, "is larger than the archive", error);
    return MINNOW_OK;
}

/* The entry of this number. Compressed ones are inflated into `pool`. */
static enum minnow_status read_entry(struct archive *archive, uint64_t number, struct minnow_pool *pool,
                                     struct entry *entry, struct minnow_error *error) {
    zip_stat_t information;
    if (zip_stat_index(archive->zip, number, 0, &information))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: an entry of the zip archive cannot be found",
                           archive->file->file);
    enum minnow_status status = check_entry(archive, &information, error);
    if (status) return status;
    *entry = (struct entry){information.name, archive->bytes.bytes, information.size};
    if (!entry->size) return MINNOW_OK;
    zip_file_t *opened = zip_fopen_index(archive->zip, number, 0);
    if (!opened) return fail_entry(archive, entry->name, zip_error_strerror(zip_get_error(archive->zip)), error);
    if (information.comp_method == ZIP_CM_DEFLATE) {
        status = inflate_entry(archive, opened, pool, entry, error);
    } else {
        entry->bytes = locate(archive, opened, entry->size);
        if (!entry->bytes)
            status = fail_entry(archive, entry->name, "reaches beyond the end of the file (is it cut short?)", error);
    }
    zip_fclose(opened);
    return status;
}

/* NAME/name; *number is negative where there is none. */
static enum minnow_status find_entry(const struct archive *archive, const char *folder,
                                     const struct minnow_pickle_value *key, zip_int64_t *number,
                                     struct minnow_error *error) {
    char path[NAME_BYTES];
    int size = snprintf(path, sizeof path, "%.*s/%s%.*s", archive->root_size, archive->root, folder,
                        key->size < NAME_BYTES ? (int)key->size : NAME_BYTES, (const char *)key->bytes);
    if (size < 0 || size >= NAME_BYTES || memchr(key->bytes, 0, key->size))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: storage %s: expected a key that can be an entry's name",
                           archive->file->file, minnow_pickle_show(key).text);
    *number = zip_name_locate(archive->zip, path, ZIP_FL_ENC_RAW);
    return MINNOW_OK;
}

/* ---- Names -------------------------------------------------------------------------------- */

/* Nothing is ever unpacked, but an archive that tries to leave its folder was made with no good intent. */
static bool leaves_folder(const char *name) {
    if (*name == '/' || strchr(name, '\\')) return true;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (!strncmp(part, "..", 2) && (part[2] == '/' || !part[2])) return true;
    }
    return false;
}

/* NAME/data.pkl is what makes NAME the root. */
static bool is_root_pickle(const char *name) {
    const char *slash = strchr(name, '/');
    return slash && slash != name && !strcmp(slash + 1, "data.pkl");
}

static enum minnow_status check_name(struct archive *archive, zip_uint64_t number, zip_int64_t *pickle,
                                     struct minnow_error *error) {
    const char *name = zip_get_name(archive->zip, number, ZIP_FL_ENC_RAW);
    if (!name)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: an entry of the zip archive has no name",
                           archive->file->file);
    if (leaves_folder(name)) return fail_entry(archive, name, "leads out of the archive", error);
    if (zip_name_locate(archive->zip, name, ZIP_FL_ENC_RAW) != (zip_int64_t)number)
        return fail_entry(archive, name, "is there twice, expected once", error);
    if (!is_root_pickle(name)) return MINNOW_OK;
    if (*pickle >= 0) return fail_entry(archive, name, "is a second data.pkl, expected one", error);
    *pickle = (zip_int64_t)number;
    archive->root = name;
    archive->root_size = (int)(strchr(name, '/') - name);
    return MINNOW_OK;
}

static enum minnow_status check_names(struct archive *archive, zip_int64_t *pickle, struct minnow_error *error) {
    zip_int64_t count = zip_get_num_entries(archive->zip, 0);
    *pickle = -1;
    for (zip_int64_t i = 0; i < count; i++) {
        enum minnow_status status = check_name(archive, (zip_uint64_t)i, pickle, error);
        if (status) return status;
    }
    if (*pickle >= 0) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: a zip archive without data.pkl, expected one of torch.save",
                       archive->file->file);
}

/* ---- What is in it ------------------------------------------------------------------------ */

static struct minnow_pickle_value text(const char *bytes) {
    return (struct minnow_pickle_value){
        .kind = MINNOW_PICKLE_TEXT, .size = (uint32_t)strlen(bytes), .bytes = (const uint8_t *)bytes};
}

/* Archives before torch 2.1 do not say; they are little endian. */
static enum minnow_status check_byte_order(struct archive *archive, struct minnow_error *error) {
    zip_int64_t number;
    struct minnow_pickle_value name = text("byteorder");
    struct entry entry;
    enum minnow_status status = find_entry(archive, "", &name, &number, error);
    if (status || number < 0) return status;
    status = read_entry(archive, (uint64_t)number, archive->file->values, &entry, error);
    if (status || (entry.size == 6 && !memcmp(entry.bytes, "little", 6))) return status;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: its weights are not little endian (%s), expected \"little\"; save them as safetensors",
                       archive->file->file, entry.name);
}

static enum minnow_status read_object(struct archive *archive, uint64_t number, struct minnow_pickle_value *object,
                                      struct minnow_error *error) {
    struct entry entry;
    size_t used;
    enum minnow_status status = read_entry(archive, number, archive->file->values, &entry, error);
    if (status) return status;
    struct minnow_pickle_meanings meanings = minnow_torch_meanings(archive->file);
    struct minnow_pickle pickle = {.file = archive->file->file,
                                   .bytes = entry.bytes,
                                   .size = (size_t)entry.size,
                                   .pool = archive->file->values,
                                   .meanings = &meanings};
    return minnow_pickle_read(&pickle, object, &used, error);
}

static enum minnow_status find_storage(struct archive *archive, struct minnow_torch_storage *storage,
                                       struct minnow_error *error) {
    zip_int64_t number = -1;
    uint64_t size;
    struct entry entry;
    enum minnow_status status = find_entry(archive, "data/", &storage->key, &number, error);
    if (status) return status;
    if (number < 0)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: entry %.*s/data/%s: missing, expected because a tensor views it", archive->file->file,
                           archive->root_size, archive->root, minnow_pickle_show(&storage->key).text);
    status = read_entry(archive, (uint64_t)number, archive->file->lasting, &entry, error);
    if (status) return status;
    storage->bytes = entry.bytes;
    if (!__builtin_mul_overflow(storage->count, storage->type->bytes, &size) && size == entry.size) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "%s: entry %.160s: has %" PRIu64 " bytes, expected %" PRIu64 " elements of %s",
                       archive->file->file, entry.name, entry.size, storage->count, storage->type->name);
}

static enum minnow_status read_archive(struct archive *archive, struct minnow_pickle_value *object,
                                       struct minnow_error *error) {
    zip_int64_t pickle;
    enum minnow_status status = check_names(archive, &pickle, error);
    if (!status) status = check_byte_order(archive, error);
    if (!status) status = read_object(archive, (uint64_t)pickle, object, error);
    for (struct minnow_torch_storage *storage = archive->file->storages; storage && !status; storage = storage->next)
        status = find_storage(archive, storage, error);
    return status;
}

/* What libzip will allocate is taken off the allowance before it does. */
static enum minnow_status charge_library(const struct minnow_torch_file *file, struct minnow_error *error) {
    struct minnow_zip_directory directory;
    enum minnow_status status = minnow_zip_directory(file, &directory, error);
    if (status) return status;
    size_t needed = LIBRARY_BYTES + (size_t)directory.entries * ENTRY_BYTES + (size_t)directory.bytes;
    if (minnow_allowance_charge(file->values->allowance, needed)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "%s: the zip archive lists %" PRIu64 " entries in %zu bytes, expected fewer and larger ones",
                       file->file, directory.entries, file->size);
}

enum minnow_status minnow_torch_read_zip(struct minnow_torch_file *file, struct minnow_pickle_value *object,
                                         struct minnow_error *error) {
    enum minnow_status status = charge_library(file, error);
    if (status) return status;
    struct archive archive = {.file = file, .bytes = {.bytes = file->bytes, .size = file->size}};
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *source = minnow_zip_source(&archive.bytes, &reason);
    archive.zip = source ? zip_open_from_source(source, ZIP_RDONLY, &reason) : NULL;
    if (!archive.zip) {
        status = minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: the zip archive cannot be read: %s", file->file,
                             zip_error_strerror(&reason));
        if (source) zip_source_free(source);
    } else {
        status = read_archive(&archive, object, error);
        zip_discard(archive.zip);
    }
    zip_error_fini(&reason);
    return status;
}
