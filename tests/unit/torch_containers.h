/* Containers of torch.save with one defect each, named after it; what they hold is fine. */
#ifndef MINNOW_TESTS_TORCH_CONTAINERS_H
#define MINNOW_TESTS_TORCH_CONTAINERS_H

#include "tests/unit/torch_hostile.h"

/* A tensor of twelve floats in storage "0", alone in its dict. */
static inline struct built good_pickle(bool legacy) {
    return pickle_tensors(&(struct built_tensor){FLOATS, 0, 2, {3, 4}, {4, 1}}, 1, legacy);
}

static inline struct built good_zip(int method) {
    struct built pickle = good_pickle(false);
    struct built file = zip_of_pickle(pickle.bytes, pickle.size, &(struct storages){1, {48}}, method);
    built_free(&pickle);
    return file;
}

static inline struct built good_legacy(void) {
    struct built pickle = good_pickle(true);
    struct built file = legacy_of_pickle(pickle.bytes, pickle.size, &(struct storages){1, {48}}, (const size_t[]){12});
    built_free(&pickle);
    return file;
}

/* ---- Zip archives ------------------------------------------------------------------------- */

/* The pickle and the parts given. */
static inline struct built zip_with(const struct zip_part *parts, size_t count) {
    struct built pickle = good_pickle(false);
    struct zip_part all[8] = {{"w/data.pkl", pickle.bytes, pickle.size, 0, false}};
    if (count) memcpy(all + 1, parts, count * sizeof *parts);
    struct built file = zip_of(all, count + 1);
    built_free(&pickle);
    return file;
}

static const uint8_t floats[48] = {1, 2, 3, 4};
static uint8_t zeros[4 << 20];

/* The last place of `text`: in the directory, for a name. */
static inline uint8_t *last(const struct built *file, const char *text) {
    size_t size = strlen(text);
    for (size_t place = file->size - size + 1; place-- > 0;)
        if (!memcmp(file->bytes + place, text, size)) return file->bytes + place;
    abort();
}

/* Write a number into the directory's entry of `name`, at `offset` from where the entry begins. */
static inline void patch_entry(struct built *file, const char *name, size_t offset, uint64_t number, size_t width) {
    uint8_t *entry = last(file, name) - 46;
    for (size_t i = 0; i < width; i++, number >>= 8) entry[offset + i] = (uint8_t)number;
}

/* And into the end of the directory. */
static inline void patch_end(struct built *file, size_t offset, uint64_t number, size_t width) {
    for (size_t i = 0; i < width; i++, number >>= 8) file->bytes[file->size - 22 + offset + i] = (uint8_t)number;
}

enum { CRC = 16, COMPRESSED = 20, UNCOMPRESSED = 24, LOCAL_HEADER = 42 };            /* of an entry */
enum { ENTRIES_HERE = 8, ENTRIES = 10, DIRECTORY_BYTES = 12, DIRECTORY_PLACE = 16 }; /* of the end */

static inline struct built cut_short(void) {
    struct built file = good_zip(0);
    file.size -= 30;
    return file;
}
static inline struct built without_pickle(void) {
    return zip_of(&(struct zip_part){"w/data/0", floats, 48, 0, false}, 1);
}
static inline struct built pickle_without_folder(void) {
    return zip_of(&(struct zip_part){"data.pkl", floats, 48, 0, false}, 1);
}
static inline struct built two_pickles(void) {
    return zip_with((struct zip_part[]){{"w/data/0", floats, 48, 0, false}, {"v/data.pkl", floats, 48, 0, false}}, 2);
}
static inline struct built without_storage(void) { return zip_with(NULL, 0); }
static inline struct built big_endian(void) {
    return zip_with((struct zip_part[]){{"w/data/0", floats, 48, 0, false}, {"w/byteorder", "big", 3, 0, false}}, 2);
}
static inline struct built path_up(void) {
    return zip_with((struct zip_part[]){{"w/data/0", floats, 48, 0, false}, {"w/../../x", floats, 48, 0, false}}, 2);
}
static inline struct built path_from_root(void) {
    return zip_with((struct zip_part[]){{"w/data/0", floats, 48, 0, false}, {"/etc/passwd", floats, 48, 0, false}}, 2);
}
static inline struct built path_with_backslash(void) {
    return zip_with((struct zip_part[]){{"w/data/0", floats, 48, 0, false}, {"w\\..\\x", floats, 48, 0, false}}, 2);
}
static inline struct built encrypted(void) { return zip_with(&(struct zip_part){"w/data/0", floats, 48, 0, true}, 1); }
static inline struct built other_compression(void) {
    return zip_with(&(struct zip_part){"w/data/0", zeros, 48, ZIP_CM_BZIP2, false}, 1);
}
/* Four megabytes of zeros in a few kilobytes. */
static inline struct built zip_bomb(void) {
    return zip_with(&(struct zip_part){"w/data/0", zeros, sizeof zeros, ZIP_CM_DEFLATE, false}, 1);
}
static inline struct built pickle_bomb(void) {
    return zip_of(&(struct zip_part){"w/data.pkl", zeros, sizeof zeros, ZIP_CM_DEFLATE, false}, 1);
}
static inline struct built bomb_that_looks_small(void) {
    struct built file = zip_bomb();
    patch_entry(&file, "w/data/0", UNCOMPRESSED, 48, 4);
    return file;
}
static inline struct built bomb_that_looks_huge(void) {
    struct built file = zip_bomb();
    patch_entry(&file, "w/data/0", UNCOMPRESSED, 0xfffffffe, 4);
    return file;
}
static inline struct built inflates_to_less(void) {
    struct built file = good_zip(ZIP_CM_DEFLATE);
    patch_entry(&file, "w/data/0", UNCOMPRESSED, 49, 4);
    return file;
}
static inline struct built wrong_checksum(void) {
    struct built file = good_zip(ZIP_CM_DEFLATE);
    patch_entry(&file, "w/data/0", CRC, 0x12345678, 4);
    return file;
}
static inline struct built stored_of_two_sizes(void) {
    struct built file = good_zip(0);
    patch_entry(&file, "w/data/0", UNCOMPRESSED, 64, 4);
    return file;
}
static inline struct built stored_beyond_the_end(void) {
    struct built file = good_zip(0);
    patch_entry(&file, "w/data/0", UNCOMPRESSED, 0x7fffffff, 4);
    patch_entry(&file, "w/data/0", COMPRESSED, 0x7fffffff, 4);
    return file;
}
/* Fits the file's size, but not behind where it begins. */
static inline struct built stored_a_little_beyond_the_end(void) {
    struct built file = good_zip(0);
    patch_entry(&file, "w/data/0", UNCOMPRESSED, file.size - 10, 4);
    patch_entry(&file, "w/data/0", COMPRESSED, file.size - 10, 4);
    return file;
}
static inline struct built header_beyond_the_end(void) {
    struct built file = good_zip(0);
    patch_entry(&file, "w/data/0", LOCAL_HEADER, 0x7ffffff0, 4);
    return file;
}
static inline struct built same_name_twice(void) {
    struct built file =
        zip_with((struct zip_part[]){{"w/data/0", floats, 48, 0, false}, {"w/data/1", floats, 48, 0, false}}, 2);
    for (size_t place = 0; place + 8 <= file.size; place++)
        if (!memcmp(file.bytes + place, "w/data/1", 8)) file.bytes[place + 7] = '0';
    return file;
}
static inline struct built many_claimed(void) {
    struct built file = good_zip(0);
    patch_end(&file, ENTRIES_HERE, 30000, 2);
    patch_end(&file, ENTRIES, 30000, 2);
    return file;
}
static inline struct built large_directory_claimed(void) {
    struct built file = good_zip(0);
    patch_end(&file, DIRECTORY_BYTES, 0xfffffff0, 4);
    return file;
}
/* A record and a locator of zip64 before the end, which claim 2^40 entries. */
static inline struct built many_claimed_in_zip64(void) {
    struct built good = good_zip(0), file = {0};
    uint64_t record = good.size - 22;
    put(&file, good.bytes, record);
    put_text(&file, "PK\6\6");
    put_number(&file, 44, 8);
    put_number(&file, 45 | 45 << 16, 4);
    put_number(&file, 0, 8);
    put_number(&file, (uint64_t)1 << 40, 8);
    put_number(&file, (uint64_t)1 << 40, 8);
    put_number(&file, (uint64_t)46 << 40, 8);
    put_number(&file, 0, 8);
    put_text(&file, "PK\6\7");
    put_number(&file, 0, 4);
    put_number(&file, record, 8);
    put_number(&file, 1, 4);
    put(&file, good.bytes + record, 22);
    patch_end(&file, ENTRIES_HERE, 65535, 2);
    patch_end(&file, ENTRIES, 65535, 2);
    patch_end(&file, DIRECTORY_BYTES, 0xffffffff, 4);
    patch_end(&file, DIRECTORY_PLACE, 0xffffffff, 4);
    built_free(&good);
    return file;
}
/* As many entries as it claims, all of them in their place. */
static inline struct built too_many(void) {
    struct built file = {0};
    for (uint64_t i = 0; i < 40000; i++) {
        put_text(&file, "PK\1\2");
        put_number(&file, 0, 24);
        put_number(&file, 4, 2);
        put_number(&file, 0, 16);
        put_number(&file, i + 0x01010101, 4);
    }
    size_t bytes = file.size;
    put_text(&file, "PK\5\6");
    put_number(&file, 0, 4);
    put_number(&file, 40000u | 40000u << 16, 4);
    put_number(&file, bytes, 4);
    put_number(&file, 0, 6);
    return file;
}
static inline struct built zip64_beyond_the_end(void) {
    struct built file = many_claimed_in_zip64();
    memset(file.bytes + file.size - 22 - 12, 0xff, 8);
    return file;
}
static inline struct built two_ends(void) {
    struct built file = good_zip(0);
    struct built copy = {0};
    put(&copy, file.bytes + file.size - 22, 22);
    put(&file, copy.bytes, copy.size);
    built_free(&copy);
    return file;
}
/* Thousands of entries with nothing in them. */
static inline struct built crowded(void) {
    enum { COUNT = 5000 };
    static char names[COUNT][16];
    struct zip_part *parts = calloc(COUNT, sizeof *parts);
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "%x", i);
        parts[i] = (struct zip_part){names[i], "", 0, 0, false};
    }
    struct built file = zip_of(parts, COUNT);
    free(parts);
    return file;
}

/* ---- Streams of pickles ------------------------------------------------------------------- */

/* A preamble, the object, keys, and for each a count and 48 bytes. */
static inline struct built legacy_with(const char *const *keys, const uint64_t *counts, size_t count) {
    struct built pickle = good_pickle(true), file = {0};
    put_preamble(&file, 1001, true);
    put(&file, pickle.bytes, pickle.size);
    put_keys(&file, keys, count);
    for (size_t i = 0; i < count; i++) {
        put_number(&file, counts[i], 8);
        put(&file, floats, sizeof floats);
    }
    built_free(&pickle);
    return file;
}

static inline struct built legacy_cut_short(void) {
    struct built file = good_legacy();
    file.size--;
    return file;
}
static inline struct built legacy_without_count(void) {
    struct built file = good_legacy();
    file.size -= 50;
    return file;
}
static inline struct built legacy_key_twice(void) {
    return legacy_with((const char *[]){"0", "0"}, (uint64_t[]){12, 12}, 2);
}
static inline struct built legacy_key_unknown(void) {
    return legacy_with((const char *[]){"0", "1"}, (uint64_t[]){12, 12}, 2);
}
static inline struct built legacy_key_missing(void) { return legacy_with(NULL, NULL, 0); }
static inline struct built legacy_other_count(void) { return legacy_with((const char *[]){"0"}, (uint64_t[]){11}, 1); }
static inline struct built legacy_huge_count(void) {
    return legacy_with((const char *[]){"0"}, (uint64_t[]){((uint64_t)1 << 62) + 12}, 1);
}
static inline struct built legacy_preamble(int64_t protocol, bool little_endian) {
    struct built pickle = good_pickle(true), file = {0};
    put_preamble(&file, protocol, little_endian);
    put(&file, pickle.bytes, pickle.size);
    built_free(&pickle);
    return file;
}
static inline struct built legacy_big_endian(void) { return legacy_preamble(1001, false); }
static inline struct built legacy_protocol(void) { return legacy_preamble(1002, true); }
static inline struct built legacy_keys(const char *keys) {
    struct built file = legacy_preamble(1001, true);
    put_text(&file, keys);
    return file;
}
static inline struct built legacy_keys_of_dict(void) { return legacy_keys("\x80\2}."); }
static inline struct built legacy_keys_of_numbers(void) { return legacy_keys("\x80\2](K\1e."); }
static inline struct built legacy_view(int64_t offset, int64_t count) {
    struct built pickle = {0};
    struct built_tensor tensor = {FLOATS, 0, 1, {3}, {1}};
    put_text(&pickle, "\x80\2");
    pickle_storage(&pickle, &tensor, true, (const int64_t[]){offset, count});
    put_text(&pickle, ".");
    struct built file = legacy_of_pickle(pickle.bytes, pickle.size, &(struct storages){1, {48}}, (const size_t[]){12});
    built_free(&pickle);
    return file;
}
static inline struct built legacy_view_too_far(void) { return legacy_view(7, 6); }
static inline struct built legacy_view_wraps(void) { return legacy_view(INT64_MAX, INT64_MAX); }
static inline struct built legacy_view_negative(void) { return legacy_view(-1, 6); }

/* ---- Other files -------------------------------------------------------------------------- */

static inline struct built tar(void) {
    struct built file = {0};
    put(&file, zeros, 512);
    memcpy(file.bytes, "sys_info", 8);
    memcpy(file.bytes + 257, "ustar", 5);
    return file;
}
static inline struct built pointer(void) {
    struct built file = {0};
    put_text(&file, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    return file;
}
static inline struct built plain_pickle(void) {
    struct built file = {0};
    put_text(&file, "\x80\4}.");
    return file;
}
static inline struct built web_page(void) {
    struct built file = {0};
    put_text(&file, "<!doctype html>");
    return file;
}

static const struct hostile hostile_containers[] = {
    {"a zip cut short", cut_short, MINNOW_BAD_CHECKPOINT, {"no directory", "cut short"}},
    {"a zip without data.pkl", without_pickle, MINNOW_BAD_CHECKPOINT, {"without data.pkl"}},
    {"a zip with data.pkl outside a folder", pickle_without_folder, MINNOW_BAD_CHECKPOINT, {"without data.pkl"}},
    {"a zip with two data.pkl", two_pickles, MINNOW_BAD_CHECKPOINT, {"v/data.pkl", "second"}},
    {"a zip without the storage", without_storage, MINNOW_BAD_CHECKPOINT, {"w/data/0", "missing"}},
    {"a big-endian zip", big_endian, MINNOW_UNSUPPORTED, {"w/byteorder", "little endian"}},
    {"a path up", path_up, MINNOW_BAD_CHECKPOINT, {"w/../../x", "leads out"}},
    {"a path from the root", path_from_root, MINNOW_BAD_CHECKPOINT, {"/etc/passwd", "leads out"}},
    {"a path with backslashes", path_with_backslash, MINNOW_BAD_CHECKPOINT, {"leads out"}},
    {"an encrypted entry", encrypted, MINNOW_BAD_CHECKPOINT, {"w/data/0", "encrypted"}},
    {"an entry of bzip2", other_compression, MINNOW_BAD_CHECKPOINT, {"w/data/0", "deflate"}},
    {"a zip bomb", zip_bomb, MINNOW_BAD_CHECKPOINT, {"w/data/0", "more memory"}},
    {"a pickle that is a zip bomb", pickle_bomb, MINNOW_BAD_CHECKPOINT, {"w/data.pkl", "more memory"}},
    {"a zip bomb that looks small", bomb_that_looks_small, MINNOW_BAD_CHECKPOINT, {"w/data/0", "not as long"}},
    {"a zip bomb of 4 GB", bomb_that_looks_huge, MINNOW_BAD_CHECKPOINT, {"w/data/0", "more memory"}},
    {"an entry that inflates to less", inflates_to_less, MINNOW_BAD_CHECKPOINT, {"w/data/0", "not as long"}},
    {"a wrong checksum", wrong_checksum, MINNOW_BAD_CHECKPOINT, {"w/data/0", "damaged"}},
    {"a stored entry of two sizes", stored_of_two_sizes, MINNOW_BAD_CHECKPOINT, {"w/data/0", "two sizes"}},
    {"an entry larger than the file", stored_beyond_the_end, MINNOW_BAD_CHECKPOINT, {"w/data/0", "larger"}},
    {"an entry beyond the end", stored_a_little_beyond_the_end, MINNOW_BAD_CHECKPOINT, {"w/data/0"}},
    {"a header beyond the end", header_beyond_the_end, MINNOW_BAD_CHECKPOINT, {"w.bin"}},
    {"an entry twice", same_name_twice, MINNOW_BAD_CHECKPOINT, {"w/data/0", "twice"}},
    {"30000 entries claimed", many_claimed, MINNOW_BAD_CHECKPOINT, {"30000 entries", "directory that fits"}},
    {"a directory of 4 GB claimed", large_directory_claimed, MINNOW_BAD_CHECKPOINT, {"4294967280 bytes"}},
    {"2^40 entries claimed", many_claimed_in_zip64, MINNOW_BAD_CHECKPOINT, {"1099511627776 entries"}},
    {"40000 entries", too_many, MINNOW_BAD_CHECKPOINT, {"40000 entries", "at most 32768"}},
    {"a zip64 record beyond the end", zip64_beyond_the_end, MINNOW_BAD_CHECKPOINT, {"directory ends"}},
    {"two ends of a zip", two_ends, MINNOW_BAD_CHECKPOINT, {"2 ends"}},
    {"thousands of empty entries", crowded, MINNOW_BAD_CHECKPOINT, {"5000 entries"}},
    {"a stream cut short", legacy_cut_short, MINNOW_BAD_CHECKPOINT, {"storage 0", "cut short"}},
    {"a stream that ends before a storage", legacy_without_count, MINNOW_BAD_CHECKPOINT, {"storage 0", "missing"}},
    {"a storage twice", legacy_key_twice, MINNOW_BAD_CHECKPOINT, {"storage 0", "twice"}},
    {"a storage of nobody", legacy_key_unknown, MINNOW_BAD_CHECKPOINT, {"storage 1", "no tensor's"}},
    {"a storage not listed", legacy_key_missing, MINNOW_BAD_CHECKPOINT, {"storage 0", "missing"}},
    {"a storage of another count", legacy_other_count, MINNOW_BAD_CHECKPOINT, {"storage 0", "differs"}},
    {"a storage of 2^64 bytes", legacy_huge_count, MINNOW_BAD_CHECKPOINT, {"storage 0", "beyond the end"}},
    {"a big-endian stream", legacy_big_endian, MINNOW_UNSUPPORTED, {"big endian"}},
    {"another protocol of torch", legacy_protocol, MINNOW_UNSUPPORTED, {"another than 1001"}},
    {"keys that are a dict", legacy_keys_of_dict, MINNOW_BAD_CHECKPOINT, {"a dict", "a list"}},
    {"keys that are numbers", legacy_keys_of_numbers, MINNOW_BAD_CHECKPOINT, {"an int", "a text"}},
    {"a view of a storage too far", legacy_view_too_far, MINNOW_BAD_CHECKPOINT, {"views a storage", "12 elements"}},
    {"a view of a storage that wraps", legacy_view_wraps, MINNOW_BAD_CHECKPOINT, {"views a storage"}},
    {"a view before a storage", legacy_view_negative, MINNOW_BAD_CHECKPOINT, {"views a storage"}},
    {"a tar archive", tar, MINNOW_UNSUPPORTED, {"tar archive", "0.1.10"}},
    {"a pointer of Git LFS", pointer, MINNOW_BAD_CHECKPOINT, {"Git LFS"}},
    {"a pickle of another program", plain_pickle, MINNOW_UNSUPPORTED, {"not one of torch.save"}},
    {"a web page", web_page, MINNOW_BAD_CHECKPOINT, {"expected a file of torch.save"}},
};

#endif
