/* Files of torch.save built byte by byte: pickles, the zip archive, the stream of pickles. */
#ifndef MINNOW_TESTS_TORCH_BUILDER_H
#define MINNOW_TESTS_TORCH_BUILDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

struct built {
    uint8_t *bytes;
    size_t size, capacity;
};

static inline void built_free(struct built *built) {
    free(built->bytes);
    *built = (struct built){0};
}

static inline void put(struct built *built, const void *bytes, size_t size) {
    if (built->size + size > built->capacity) {
        built->capacity = 2 * built->capacity + size + 64;
        built->bytes = realloc(built->bytes, built->capacity);
        if (!built->bytes) abort();
    }
    if (size) memcpy(built->bytes + built->size, bytes, size);
    built->size += size;
}

static inline void put_text(struct built *built, const char *text) { put(built, text, strlen(text)); }

/* Little endian. */
static inline void put_number(struct built *built, uint64_t number, size_t width) {
    for (size_t i = 0; i < width; i++, number >>= 8) put(built, &(uint8_t){(uint8_t)number}, 1);
}

/* ---- Operations of pickles ---------------------------------------------------------------- */

static inline void put_operation(struct built *built, uint8_t opcode) { put(built, &opcode, 1); }

static inline void pickle_text_of(struct built *built, const char *bytes, size_t size) {
    put_operation(built, 'X');
    put_number(built, size, 4);
    put(built, bytes, size);
}

static inline void pickle_text(struct built *built, const char *text) { pickle_text_of(built, text, strlen(text)); }

static inline void pickle_integer(struct built *built, int64_t integer) {
    if (integer >= INT32_MIN && integer <= INT32_MAX) {
        put_operation(built, 'J');
        put_number(built, (uint64_t)integer, 4);
    } else {
        put_operation(built, 0x8a);
        put_number(built, 8, 1);
        put_number(built, (uint64_t)integer, 8);
    }
}

static inline void pickle_integers(struct built *built, const int64_t *integers, unsigned count) {
    put_operation(built, '(');
    for (unsigned i = 0; i < count; i++) pickle_integer(built, integers[i]);
    put_operation(built, 't');
}

static inline void pickle_global(struct built *built, const char *module, const char *name) {
    put_operation(built, 'c');
    put_text(built, module);
    put_text(built, "\n");
    put_text(built, name);
    put_text(built, "\n");
}

/* ---- Tensors ------------------------------------------------------------------------------ */

struct built_tensor {
    const char *name, *storage, *key; /* storage: "FloatStorage" ... */
    int64_t count, offset;            /* elements of the storage; where the tensor begins */
    unsigned rank;
    int64_t shape[10], strides[10];
};

/* legacy: with the view that old files have in each storage's id; part (NULL: None) is its offset and count. */
static inline void pickle_storage(struct built *built, const struct built_tensor *tensor, bool legacy,
                                  const int64_t *part) {
    put_operation(built, '(');
    pickle_text(built, "storage");
    pickle_global(built, "torch", tensor->storage);
    pickle_text(built, tensor->key);
    pickle_text(built, "cpu");
    pickle_integer(built, tensor->count);
    if (legacy && part) {
        pickle_text(built, "a view");
        pickle_integer(built, part[0]);
        pickle_integer(built, part[1]);
        put_operation(built, 0x87);
    } else if (legacy) {
        put_operation(built, 'N');
    }
    put_text(built, "tQ");
}

static inline void pickle_tensor(struct built *built, const struct built_tensor *tensor, bool legacy,
                                 const int64_t *part) {
    pickle_global(built, "torch._utils", "_rebuild_tensor_v2");
    put_operation(built, '(');
    pickle_storage(built, tensor, legacy, part);
    pickle_integer(built, tensor->offset);
    pickle_integers(built, tensor->shape, tensor->rank);
    pickle_integers(built, tensor->strides, tensor->rank);
    put_operation(built, 0x89);
    pickle_global(built, "collections", "OrderedDict");
    put_text(built, ")RtR");
}

/* A dict of tensors. */
static inline struct built pickle_tensors(const struct built_tensor *tensors, size_t count, bool legacy) {
    struct built built = {0};
    put_text(&built, "\x80\2}(");
    for (size_t i = 0; i < count; i++) {
        pickle_text(&built, tensors[i].name);
        pickle_tensor(&built, &tensors[i], legacy, NULL);
    }
    put_text(&built, "u.");
    return built;
}

/* ---- The zip archive ---------------------------------------------------------------------- */

struct zip_part {
    const char *name;
    const void *bytes;
    size_t size;
    int method; /* 0 (ZIP_CM_STORE) ... */
    bool encrypted;
};

static inline void zip_check(bool fine, const char *what) {
    if (fine) return;
    fprintf(stderr, "cannot build a zip archive: %s\n", what);
    abort();
}

static inline void zip_add_part(zip_t *zip, const struct zip_part *part) {
    zip_source_t *source = zip_source_buffer(zip, part->bytes, part->size, 0);
    zip_check(source != NULL, part->name);
    zip_int64_t place = zip_file_add(zip, part->name, source, ZIP_FL_ENC_UTF_8);
    zip_check(place >= 0, part->name);
    zip_check(!zip_set_file_compression(zip, (zip_uint64_t)place, part->method ? part->method : ZIP_CM_STORE, 0),
              part->name);
    if (part->encrypted)
        zip_check(!zip_file_set_encryption(zip, (zip_uint64_t)place, ZIP_EM_AES_256, "secret"), part->name);
}

static inline struct built zip_of(const struct zip_part *parts, size_t count) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_check(target != NULL, "source");
    zip_source_keep(target);
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    zip_check(zip != NULL, "open");
    for (size_t i = 0; i < count; i++) zip_add_part(zip, &parts[i]);
    zip_check(!zip_close(zip), zip_strerror(zip));
    zip_stat_t information;
    zip_check(!zip_source_stat(target, &information) && !zip_source_open(target), "read");
    struct built built = {malloc(information.size), information.size, information.size};
    zip_check(built.bytes && zip_source_read(target, built.bytes, built.size) == (zip_int64_t)built.size, "read");
    zip_source_close(target);
    zip_source_free(target);
    zip_error_fini(&error);
    return built;
}

/* w/data.pkl and the storages "0", "1" ... with bytes of their own: byte i of storage k is i + 16 k + 1. */
static inline void storage_bytes(uint8_t *bytes, size_t size, size_t storage) {
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)(i + 16 * storage + 1);
}

enum { MOST_STORAGES = 4, MOST_STORAGE_BYTES = 64 };

struct storages {
    size_t count, sizes[MOST_STORAGES];
};

static inline struct built zip_of_pickle(const void *pickle, size_t size, const struct storages *storages, int method) {
    static const char *const names[] = {"w/data/0", "w/data/1", "w/data/2", "w/data/3"};
    uint8_t bytes[MOST_STORAGES][MOST_STORAGE_BYTES];
    struct zip_part parts[MOST_STORAGES + 2] = {{"w/data.pkl", pickle, size, method, false}};
    for (size_t i = 0; i < storages->count; i++) {
        storage_bytes(bytes[i], storages->sizes[i], i);
        parts[i + 1] = (struct zip_part){names[i], bytes[i], storages->sizes[i], method, false};
    }
    parts[storages->count + 1] = (struct zip_part){"w/byteorder", "little", 6, 0, false};
    return zip_of(parts, storages->count + 2);
}

/* ---- The stream of pickles ---------------------------------------------------------------- */

static inline void put_preamble(struct built *built, int64_t protocol, bool little_endian) {
    static const uint8_t magic[] = {0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};
    put(built, magic, sizeof magic);
    put_text(built, "\x80\2");
    pickle_integer(built, protocol);
    put_text(built, ".\x80\2}");
    pickle_text(built, "little_endian");
    put_operation(built, little_endian ? 0x88 : 0x89);
    put_text(built, "s.");
}

static inline void put_keys(struct built *built, const char *const *keys, size_t count) {
    put_text(built, "\x80\2](");
    for (size_t i = 0; i < count; i++) pickle_text(built, keys[i]);
    put_text(built, "e.");
}

static inline struct built legacy_of_pickle(const void *pickle, size_t size, const struct storages *storages,
                                            const size_t *counts) {
    static const char *const keys[] = {"0", "1", "2", "3"};
    struct built built = {0};
    put_preamble(&built, 1001, true);
    put(&built, pickle, size);
    put_keys(&built, keys, storages->count);
    for (size_t i = 0; i < storages->count; i++) {
        uint8_t bytes[MOST_STORAGE_BYTES];
        storage_bytes(bytes, storages->sizes[i], i);
        put_number(&built, counts[i], 8);
        put(&built, bytes, storages->sizes[i]);
    }
    return built;
}

#endif
