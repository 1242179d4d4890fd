#include "convert/checkpoint/torch_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Five pickles (magic number, protocol, what machine wrote it, the object, the keys of its storages), then for each
 * key a count of elements in eight bytes and the elements. */

static const uint8_t magic[10] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};
enum { PROTOCOL = 1001 };

bool minnow_torch_is_legacy(const uint8_t *bytes, size_t size) {
    static const uint8_t frame = 0x95, number[2] = {0x8a, sizeof magic}; /* operations; a frame has a length */
    size_t place = size > 2 && bytes[2] == frame ? 11 : 2;
    return size > place + sizeof number + sizeof magic && bytes[0] == 0x80 &&
           !memcmp(bytes + place, number, sizeof number) && !memcmp(bytes + place + sizeof number, magic, sizeof magic);
}

static enum minnow_status read_pickle(struct minnow_torch_file *file, size_t *place, struct minnow_pickle_value *value,
                                      struct minnow_error *error) {
    struct minnow_pickle_meanings meanings = minnow_torch_meanings(file);
    struct minnow_pickle pickle = {.file = file->file,
                                   .origin = *place,
                                   .bytes = file->bytes + *place,
                                   .size = file->size - *place,
                                   .pool = file->values,
                                   .meanings = &meanings};
    size_t used = 0;
    enum minnow_status status = minnow_pickle_read(&pickle, value, &used, error);
    *place += used;
    return status;
}

/* The three pickles before the object. */
static enum minnow_status read_preamble(struct minnow_torch_file *file, size_t *place, struct minnow_error *error) {
    struct minnow_pickle_value number, protocol, machine;
    enum minnow_status status = read_pickle(file, place, &number, error);
    if (!status) status = read_pickle(file, place, &protocol, error);
    if (!status) status = read_pickle(file, place, &machine, error);
    if (status) return status;
    if (protocol.kind != MINNOW_PICKLE_INTEGER || protocol.integer != PROTOCOL)
        return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: its protocol is another than %d, which torch.save writes",
                           file->file, PROTOCOL);
    const struct minnow_pickle_value *little = minnow_pickle_get(&machine, "little_endian");
    if (little && little->kind == MINNOW_PICKLE_BOOL && little->integer) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: its weights are big endian, expected little endian; save them as safetensors", file->file);
}

/* ---- Storages ----------------------------------------------------------------------------- */

static int compare_texts(const struct minnow_pickle_value *a, const struct minnow_pickle_value *b) {
    int order = memcmp(a->bytes, b->bytes, a->size < b->size ? a->size : b->size);
    return order ? order : (a->size > b->size) - (a->size < b->size);
}

static int compare_storages(const void *left, const void *right) {
    const struct minnow_torch_storage *a = *(struct minnow_torch_storage *const *)left;
    const struct minnow_torch_storage *b = *(struct minnow_torch_storage *const *)right;
    return compare_texts(&a->key, &b->key);
}

/* All mentions of storages, those of one key side by side. */
struct mentions {
    struct minnow_torch_storage **sorted;
    size_t count;
};

static enum minnow_status sort_mentions(struct minnow_torch_file *file, struct mentions *mentions,
                                        struct minnow_error *error) {
    mentions->count = file->storage_count;
    mentions->sorted = minnow_pool_take(file->values, mentions->count * sizeof *mentions->sorted);
    if (!mentions->sorted) return minnow_fail_within(error, minnow_pool_fail(file->values, error), "%s", file->file);
    size_t filled = 0;
    for (struct minnow_torch_storage *storage = file->storages; storage; storage = storage->next)
        mentions->sorted[filled++] = storage;
    if (filled) qsort(mentions->sorted, filled, sizeof *mentions->sorted, compare_storages);
    return MINNOW_OK;
}

/* The mentions of `key`: from *begin to before *end. */
static void find_mentions(const struct mentions *mentions, const struct minnow_pickle_value *key, size_t *begin,
                          size_t *end) {
    size_t low = 0, high = mentions->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_texts(&mentions->sorted[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *begin = *end = low;
    while (*end < mentions->count && !compare_texts(&mentions->sorted[*end]->key, key)) ++*end;
}

static enum minnow_status fail_storage(const struct minnow_torch_file *file, const struct minnow_pickle_value *key,
                                       const char *what, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: storage %s: %s", file->file, minnow_pickle_show(key).text,
                       what);
}

static uint64_t read_u64(const uint8_t *bytes) {
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--) value = value << 8 | bytes[i];
    return value;
}

/* One storage's count and elements from *place on. */
static enum minnow_status read_storage(struct minnow_torch_file *file, const struct mentions *mentions,
                                       const struct minnow_pickle_value *key, size_t *place,
                                       struct minnow_error *error) {
    size_t begin, end;
    uint64_t size;
    if (key->kind != MINNOW_PICKLE_TEXT)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: the key of a storage is %s, expected a text", file->file,
                           minnow_pickle_kind_name(key));
    find_mentions(mentions, key, &begin, &end);
    if (begin == end || mentions->sorted[begin]->bytes)
        return fail_storage(file, key, "listed twice, or no tensor's; expected each once", error);
    if (file->size - *place < 8)
        return fail_storage(file, key, "missing, expected its data (is the file cut short?)", error);
    uint64_t count = read_u64(file->bytes + *place);
    *place += 8;
    const struct minnow_torch_type *type = mentions->sorted[begin]->type;
    if (__builtin_mul_overflow(count, type->bytes, &size) || size > file->size - *place)
        return fail_storage(file, key, "reaches beyond the end of the file (is it cut short?)", error);
    for (size_t i = begin; i < end; i++) {
        if (mentions->sorted[i]->count != count || mentions->sorted[i]->type != type)
            return fail_storage(file, key, "its size or type differs from what a tensor says of it", error);
        mentions->sorted[i]->bytes = file->bytes + *place;
    }
    *place += (size_t)size;
    return MINNOW_OK;
}

static enum minnow_status read_storages(struct minnow_torch_file *file, const struct minnow_pickle_value *keys,
                                        size_t *place, struct minnow_error *error) {
    struct mentions mentions;
    enum minnow_status status = sort_mentions(file, &mentions, error);
    for (size_t i = 0; !status && i < keys->list->count; i++)
        status = read_storage(file, &mentions, &keys->list->items[i], place, error);
    for (size_t i = 0; !status && i < mentions.count; i++)
        if (!mentions.sorted[i]->bytes)
            status = fail_storage(file, &mentions.sorted[i]->key, "missing, expected because a tensor views it", error);
    return status;
}

enum minnow_status minnow_torch_read_legacy(struct minnow_torch_file *file, struct minnow_pickle_value *object,
                                            struct minnow_error *error) {
    size_t place = 0;
    struct minnow_pickle_value keys;
    enum minnow_status status = read_preamble(file, &place, error);
    if (!status) status = read_pickle(file, &place, object, error);
    if (!status) status = read_pickle(file, &place, &keys, error);
    if (status) return status;
    if (keys.kind != MINNOW_PICKLE_LIST)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: its keys of storages are %s, expected a list", file->file,
                           minnow_pickle_kind_name(&keys));
    return read_storages(file, &keys, &place, error);
}
