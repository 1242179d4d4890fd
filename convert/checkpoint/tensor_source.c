#include "convert/checkpoint/tensor_source.h"

#include "convert/checkpoint/json_file.h"
#include "convert/checkpoint/safetensors.h"
#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/torch_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef enum minnow_status read_fn(const char *file, const uint8_t *bytes, size_t size, struct minnow_memory *memory,
                                   struct minnow_tensor **tensors, size_t *count, struct minnow_error *error);

/* Where weights may lie, the preferred first. */
static const struct container {
    const char *whole, *index; /* index NULL: never in shards */
    read_fn *read;
} containers[] = {
    {"model.safetensors", "model.safetensors.index.json", minnow_safetensors_read},
    {"pytorch_model.bin", "pytorch_model.bin.index.json", minnow_torch_read},
    {"best-model.pytorch-state-dict", NULL, minnow_torch_read}, /* of a training run's folder */
};

/* A file's tensors before they are put into one table. */
struct part {
    struct minnow_tensor *tensors;
    size_t count;
};

static enum minnow_status no_memory(const char *file, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for its tensors", file);
}

static enum minnow_status map_descriptor(const char *name, int descriptor, size_t size, struct minnow_mapping *mapping,
                                         struct minnow_error *error) {
    if (size == 0) return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is empty, expected weights", name);
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED) return minnow_fail(error, MINNOW_IO, "%s: cannot be mapped: %s", name, strerror(errno));
    *mapping = (struct minnow_mapping){bytes, size};
    return MINNOW_OK;
}

/* *found tells whether the file is there at all. */
static enum minnow_status add_file(const char *folder, const char *name, read_fn *read,
                                   struct minnow_tensor_source *source, struct part *part, bool *found,
                                   struct minnow_error *error) {
    int descriptor;
    size_t size;
    enum minnow_status status = minnow_open_regular(folder, name, &descriptor, &size, error);
    *found = !status && descriptor >= 0;
    if (!*found) return status;
    struct minnow_mapping *mapping = &source->mappings[source->mapping_count];
    status = map_descriptor(name, descriptor, size, mapping, error);
    close(descriptor);
    if (status) return status;
    source->mapping_count++;
    return read(name, mapping->bytes, size, source->memory, &part->tensors, &part->count, error);
}

static enum minnow_status open_whole(const char *folder, const char *subfolder, const struct container *container,
                                     struct minnow_tensor_source *source, bool *found, struct minnow_error *error) {
    source->mappings = minnow_memory_take(source->memory, sizeof *source->mappings);
    char *name = minnow_join_name(source->memory, subfolder, container->whole);
    if (!source->mappings || !name) return no_memory(container->whole, error);
    struct part part = {0};
    enum minnow_status status = add_file(folder, name, container->read, source, &part, found, error);
    source->file = name;
    source->tensors = part.tensors;
    source->count = part.count;
    return status;
}

static int compare_tensors(const void *left, const void *right) {
    return strcmp(((const struct minnow_tensor *)left)->name, ((const struct minnow_tensor *)right)->name);
}

/* One sorted table of all shards' tensors. */
static enum minnow_status join_parts(const struct part *parts, size_t part_count, struct minnow_tensor_source *source,
                                     struct minnow_error *error) {
    size_t count = 0;
    for (size_t i = 0; i < part_count; i++) count += parts[i].count;
    struct minnow_tensor *table = minnow_memory_take(source->memory, count * sizeof *table);
    if (!table) return no_memory(source->file, error);
    source->tensors = table;
    source->count = count;
    for (size_t i = 0; i < part_count; i++) {
        if (parts[i].count) memcpy(table, parts[i].tensors, parts[i].count * sizeof *table);
        table += parts[i].count;
    }
    table -= count;
    if (count) qsort(table, count, sizeof *table, compare_tensors);
    for (size_t i = 1; i < count; i++)
        if (!strcmp(table[i - 1].name, table[i].name))
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %.160s: found in %s and %s, expected in one",
                               source->file, table[i].name, table[i - 1].file, table[i].file);
    return MINNOW_OK;
}

/* A shard may be nothing but a plain file beside the index. */
static bool is_plain_name(const char *name) {
    return *name && strlen(name) < 256 && !strchr(name, '/') && !strchr(name, '\\') && strcmp(name, ".") &&
           strcmp(name, "..");
}

static enum minnow_status check_weight_map(const struct minnow_tensor_source *source, const cJSON *map,
                                           struct minnow_error *error) {
    if (!cJSON_IsObject(map))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: weight_map is %s, expected an object", source->file,
                           minnow_json_found(map).text);
    for (const cJSON *entry = map->child; entry; entry = entry->next)
        if (!cJSON_IsString(entry) || !is_plain_name(entry->valuestring))
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                               "%s: weight_map: %.160s is %s, expected the name of a file in the same folder",
                               source->file, entry->string, minnow_json_found(entry).text);
    return MINNOW_OK;
}

static int compare_names(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The shards' names, each once, borrowed from the map. */
static const char **list_shards(const cJSON *map, struct minnow_memory *memory, size_t *count) {
    size_t entries = 0;
    for (const cJSON *entry = map->child; entry; entry = entry->next) entries++;
    const char **names = minnow_memory_take(memory, entries * sizeof *names);
    if (!names) return NULL;
    size_t filled = 0;
    for (const cJSON *entry = map->child; entry; entry = entry->next) names[filled++] = entry->valuestring;
    if (filled) qsort(names, filled, sizeof *names, compare_names);
    *count = 0;
    for (size_t i = 0; i < filled; i++)
        if (!i || strcmp(names[i], names[*count - 1])) names[(*count)++] = names[i];
    return names;
}

static enum minnow_status add_shard(const char *folder, const char *subfolder, const char *shard, read_fn *read,
                                    struct minnow_tensor_source *source, struct part *part,
                                    struct minnow_error *error) {
    char *name = minnow_join_name(source->memory, subfolder, shard);
    if (!name) return no_memory(shard, error);
    bool found;
    enum minnow_status status = add_file(folder, name, read, source, part, &found, error);
    if (!status && !found)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: missing, expected because %s names it", name,
                           source->file);
    return status;
}

/* Each tensor lies in the shard that the index says. */
static enum minnow_status check_places(const struct minnow_tensor_source *source, const cJSON *map,
                                       struct minnow_error *error) {
    for (const cJSON *entry = map->child; entry; entry = entry->next) {
        const struct minnow_tensor *tensor = minnow_tensor_find(source, entry->string);
        const char *file = tensor ? strrchr(tensor->file, '/') : NULL;
        if (tensor && !strcmp(file ? file + 1 : tensor->file, entry->valuestring)) continue;
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: weight_map: %.160s: not found in %s, expected there",
                           source->file, entry->string, entry->valuestring);
    }
    return MINNOW_OK;
}

static enum minnow_status open_shards(const char *folder, const char *subfolder, const cJSON *map, read_fn *read,
                                      struct minnow_tensor_source *source, struct minnow_error *error) {
    enum minnow_status status = check_weight_map(source, map, error);
    if (status) return status;
    size_t count = 0;
    const char **shards = list_shards(map, source->memory, &count);
    struct part *parts = minnow_memory_take(source->memory, count * sizeof *parts);
    source->mappings = minnow_memory_take(source->memory, count * sizeof *source->mappings);
    if (!shards || !parts || !source->mappings) return no_memory(source->file, error);
    for (size_t i = 0; i < count && !status; i++)
        status = add_shard(folder, subfolder, shards[i], read, source, &parts[i], error);
    if (!status) status = join_parts(parts, count, source, error);
    return status ? status : check_places(source, map, error);
}

static enum minnow_status open_index(const char *folder, const char *subfolder, const struct container *container,
                                     struct minnow_tensor_source *source, bool *found, struct minnow_error *error) {
    char *name = minnow_join_name(source->memory, subfolder, container->index);
    if (!name) return no_memory(container->index, error);
    struct minnow_json_file file;
    enum minnow_status status = minnow_json_open(folder, name, &file, error);
    *found = file.root != NULL;
    if (!*found) return status;
    source->file = name;
    status = open_shards(folder, subfolder, minnow_json_get(file.root, "weight_map"), container->read, source, error);
    minnow_json_close(&file);
    return status;
}

static enum minnow_status fail_missing(const char *subfolder, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                       "%s%s%s: missing, and no %s, %s, %s or %s either; expected the weights in one", subfolder,
                       *subfolder ? "/" : "", containers[0].whole, containers[0].index, containers[1].whole,
                       containers[1].index, containers[2].whole);
}

static enum minnow_status open_any(const char *folder, const char *subfolder, struct minnow_tensor_source *source,
                                   struct minnow_error *error) {
    bool found = false;
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; !status && !found && i < sizeof containers / sizeof *containers; i++) {
        status = open_whole(folder, subfolder, &containers[i], source, &found, error);
        if (!status && !found && containers[i].index)
            status = open_index(folder, subfolder, &containers[i], source, &found, error);
    }
    return !status && !found ? fail_missing(subfolder, error) : status;
}

enum minnow_status minnow_tensor_source_open(const char *folder, const char *subfolder,
                                             struct minnow_tensor_source *source, struct minnow_error *error) {
    *source = (struct minnow_tensor_source){.file = containers[0].whole, .memory = minnow_memory_create()};
    if (!source->memory) return no_memory(source->file, error);
    enum minnow_status status = open_any(folder, subfolder, source, error);
    if (status) minnow_tensor_source_close(source);
    return status;
}

enum minnow_status minnow_tensor_source_open_file(const char *folder, const char *subfolder, const char *name,
                                                  struct minnow_tensor_source *source, bool *found,
                                                  struct minnow_error *error) {
    const struct container container = {name, NULL, minnow_safetensors_read};
    *found = false;
    *source = (struct minnow_tensor_source){.file = name, .memory = minnow_memory_create()};
    if (!source->memory) return no_memory(name, error);
    enum minnow_status status = open_whole(folder, subfolder, &container, source, found, error);
    if (status || !*found) minnow_tensor_source_close(source);
    return status;
}

void minnow_tensor_source_close(struct minnow_tensor_source *source) {
    for (size_t i = 0; i < source->mapping_count; i++) munmap(source->mappings[i].bytes, source->mappings[i].size);
    minnow_memory_free(source->memory);
    *source = (struct minnow_tensor_source){0};
}

const struct minnow_tensor *minnow_tensor_find(const struct minnow_tensor_source *source, const char *name) {
    struct minnow_tensor key = {.name = name};
    if (!source->count) return NULL;
    return bsearch(&key, source->tensors, source->count, sizeof key, compare_tensors);
}
