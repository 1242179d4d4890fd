#include "convert/distill/data/vector_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAGIC_SIZE = 8, HEAD_SIZE = 48, MOST_DIMENSIONS = 65536 };
static const char magic[MAGIC_SIZE + 1] = "MNWVEC1\n";

/* The head of a record as it lies in the file. */
struct head {
    uint64_t check;
    uint32_t dimensions, zero;
    uint8_t key[MINNOW_VECTOR_KEY];
};
_Static_assert(sizeof(struct head) == HEAD_SIZE, "the file's layout");

struct minnow_vector_cache {
    int descriptor;
    const uint8_t *bytes; /* the file, mapped; more is mapped than it holds */
    size_t mapped, size;
    uint64_t *slots; /* open addressing by key: offset of the record, or 0 */
    size_t slot_count;
    uint64_t count;
    uint8_t *record; /* room to put one together */
    size_t record_room;
    char path[];
};

static enum minnow_status fail_io(const struct minnow_vector_cache *cache, const char *what,
                                  struct minnow_error *error) {
    return minnow_fail(error, MINNOW_IO, "%.300s: %s: %s", cache->path, what, strerror(errno));
}

static size_t record_size(uint32_t dimensions) {
    return (HEAD_SIZE + dimensions * sizeof(float) + 7) / 8 * 8;
}

/* Over all of the record but its first eight bytes. */
static uint64_t check_of(const uint8_t *record, size_t size) {
    uint64_t hash = 0x9E3779B97F4A7C15u ^ size, word;
    for (size_t i = sizeof word; i < size; i += sizeof word) {
        memcpy(&word, record + i, sizeof word);
        hash = (hash ^ word) * 0xBF58476D1CE4E5B9u;
        hash ^= hash >> 29;
    }
    return hash;
}

static const struct head *head_at(const struct minnow_vector_cache *cache, uint64_t offset) {
    return (const struct head *)(const void *)(cache->bytes + offset);
}

/* ---- Where a key is ------------------------------------------------------------------------- */

static size_t find_slot(const struct minnow_vector_cache *cache, const uint8_t *key) {
    uint64_t hash;
    memcpy(&hash, key, sizeof hash);
    size_t slot = (size_t)hash & (cache->slot_count - 1);
    for (; cache->slots[slot]; slot = (slot + 1) & (cache->slot_count - 1))
        if (memcmp(head_at(cache, cache->slots[slot])->key, key, MINNOW_VECTOR_KEY) == 0) break;
    return slot;
}

static bool make_slot(struct minnow_vector_cache *cache) {
    if (cache->count * 2 < cache->slot_count) return true;
    size_t old_count = cache->slot_count, slot_count = old_count ? old_count * 2 : 1024;
    uint64_t *old = cache->slots, *slots = calloc(slot_count, sizeof *slots);
    if (!slots) return false;
    cache->slots = slots;
    cache->slot_count = slot_count;
    for (size_t i = 0; i < old_count; i++)
        if (old[i]) slots[find_slot(cache, head_at(cache, old[i])->key)] = old[i];
    free(old);
    return true;
}

/* There is room for it. */
static void remember(struct minnow_vector_cache *cache, uint64_t offset) {
    size_t slot = find_slot(cache, head_at(cache, offset)->key);
    cache->count += !cache->slots[slot];
    cache->slots[slot] = offset;
}

/* ---- Opening -------------------------------------------------------------------------------- */

static enum minnow_status map(struct minnow_vector_cache *cache, size_t size, struct minnow_error *error) {
    if (size <= cache->mapped) return MINNOW_OK;
    size_t mapped = cache->mapped ? cache->mapped : (size_t)1 << 20;
    while (mapped < size) mapped *= 2;
    void *bytes = mmap(NULL, mapped, PROT_READ, MAP_SHARED, cache->descriptor, 0);
    if (bytes == MAP_FAILED) return fail_io(cache, "could not be mapped", error);
    if (cache->bytes) munmap((void *)(uintptr_t)cache->bytes, cache->mapped);
    cache->bytes = bytes;
    cache->mapped = mapped;
    return MINNOW_OK;
}

/* The record at `offset`, or 0 where what is there is none. */
static size_t whole_record(const struct minnow_vector_cache *cache, size_t offset) {
    size_t left = cache->size - offset;
    if (left < HEAD_SIZE) return 0;
    const struct head *head = head_at(cache, offset);
    if (!head->dimensions || head->dimensions > MOST_DIMENSIONS || head->zero) return 0;
    size_t size = record_size(head->dimensions);
    return size <= left && check_of(cache->bytes + offset, size) == head->check ? size : 0;
}

/* Take the records there are, and cut off what is none. */
static enum minnow_status load(struct minnow_vector_cache *cache, struct minnow_error *error) {
    size_t offset = MAGIC_SIZE, size;
    for (; (size = whole_record(cache, offset)); offset += size) {
        if (!make_slot(cache)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%.300s: its keys", cache->path);
        remember(cache, offset);
    }
    if (offset == cache->size) return MINNOW_OK;
    cache->size = offset;
    return ftruncate(cache->descriptor, (off_t)offset) ? fail_io(cache, "could not be cut", error) : MINNOW_OK;
}

static bool write_all(struct minnow_vector_cache *cache, const void *bytes, size_t size) {
    for (size_t written = 0; written < size;) {
        ssize_t more = pwrite(cache->descriptor, (const char *)bytes + written, size - written,
                              (off_t)(cache->size + written));
        if (more < 0 && errno != EINTR) return false;
        if (more > 0) written += (size_t)more;
    }
    cache->size += size;
    return true;
}

/* A new file, or what was cut off before even its first bytes were written. */
static enum minnow_status begin(struct minnow_vector_cache *cache, struct minnow_error *error) {
    char found[MAGIC_SIZE];
    ssize_t size = pread(cache->descriptor, found, sizeof found, 0);
    if (size < 0) return fail_io(cache, "could not be read", error);
    if (memcmp(found, magic, (size_t)size) != 0)
        return minnow_fail(error, MINNOW_BAD_INPUT,
                           "%.300s: is not a cache of vectors; name another file, or remove this one", cache->path);
    if (size == MAGIC_SIZE) return MINNOW_OK;
    cache->size = 0;
    return write_all(cache, magic, MAGIC_SIZE) ? MINNOW_OK : fail_io(cache, "could not be written", error);
}

static enum minnow_status open_file(struct minnow_vector_cache *cache, struct minnow_error *error) {
    struct stat about;
    cache->descriptor = open(cache->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (cache->descriptor < 0) return fail_io(cache, "could not be opened", error);
    if (flock(cache->descriptor, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? minnow_fail(error, MINNOW_BUSY, "%.300s: another process has this cache open", cache->path)
                   : fail_io(cache, "could not be locked", error);
    if (fstat(cache->descriptor, &about) != 0) return fail_io(cache, "could not be read", error);
    cache->size = (size_t)about.st_size;
    enum minnow_status status = begin(cache, error);
    if (!status) status = map(cache, cache->size, error);
    return status ? status : load(cache, error);
}

enum minnow_status minnow_vector_cache_open(const char *path, struct minnow_vector_cache **out,
                                            struct minnow_error *error) {
    size_t length = strlen(path);
    struct minnow_vector_cache *cache = calloc(1, sizeof *cache + length + 1);
    *out = NULL;
    if (!cache) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a cache of vectors");
    memcpy(cache->path, path, length + 1);
    cache->descriptor = -1;
    enum minnow_status status = open_file(cache, error);
    if (!status && !make_slot(cache)) status = minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a cache of vectors");
    if (status) {
        minnow_vector_cache_close(cache);
        return status;
    }
    *out = cache;
    return MINNOW_OK;
}

void minnow_vector_cache_close(struct minnow_vector_cache *cache) {
    if (!cache) return;
    if (cache->bytes) munmap((void *)(uintptr_t)cache->bytes, cache->mapped);
    if (cache->descriptor >= 0) close(cache->descriptor);
    free(cache->slots);
    free(cache->record);
    free(cache);
}

/* ---- Reading and adding ---------------------------------------------------------------------- */

const float *minnow_vector_cache_find(const struct minnow_vector_cache *cache, const uint8_t key[MINNOW_VECTOR_KEY],
                                      uint32_t dimensions) {
    uint64_t offset = cache->slots[find_slot(cache, key)];
    if (!offset || head_at(cache, offset)->dimensions != dimensions) return NULL;
    return (const float *)(const void *)(cache->bytes + offset + HEAD_SIZE);
}

static bool build_record(struct minnow_vector_cache *cache, const uint8_t *key, const float *vector,
                         uint32_t dimensions) {
    size_t size = record_size(dimensions);
    struct head head = {.dimensions = dimensions};
    if (size > cache->record_room) {
        uint8_t *record = realloc(cache->record, size);
        if (!record) return false;
        cache->record = record;
        cache->record_room = size;
    }
    memset(cache->record, 0, size);
    memcpy(head.key, key, sizeof head.key);
    memcpy(cache->record, &head, sizeof head);
    memcpy(cache->record + HEAD_SIZE, vector, dimensions * sizeof *vector);
    head.check = check_of(cache->record, size);
    memcpy(cache->record, &head, sizeof head);
    return true;
}

enum minnow_status minnow_vector_cache_add(struct minnow_vector_cache *cache, const uint8_t key[MINNOW_VECTOR_KEY],
                                           const float *vector, uint32_t dimensions, struct minnow_error *error) {
    if (!dimensions || dimensions > MOST_DIMENSIONS)
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%.300s: a vector of %u dimensions, expected 1 to %d",
                           cache->path, dimensions, MOST_DIMENSIONS);
    if (minnow_vector_cache_find(cache, key, dimensions)) return MINNOW_OK;
    size_t offset = cache->size, size = record_size(dimensions);
    if (!build_record(cache, key, vector, dimensions) || !make_slot(cache))
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%.300s: one more vector", cache->path);
    enum minnow_status status = map(cache, offset + size, error);
    if (status) return status;
    if (!write_all(cache, cache->record, size)) return fail_io(cache, "could not be written", error);
    remember(cache, offset);
    return MINNOW_OK;
}

enum minnow_status minnow_vector_cache_sync(struct minnow_vector_cache *cache, struct minnow_error *error) {
    return fsync(cache->descriptor) ? fail_io(cache, "could not be synced", error) : MINNOW_OK;
}

uint64_t minnow_vector_cache_count(const struct minnow_vector_cache *cache) { return cache->count; }
