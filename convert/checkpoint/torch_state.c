#include "convert/checkpoint/torch_parts.h"

#include <inttypes.h>
#include <string.h>

/* How often the tensors of a file may repeat its bytes; they are all read once for the source's hash. */
enum { MOST_REPETITIONS = 64 };

static bool is_tensor(const struct minnow_pickle_value *value) {
    return value->kind == MINNOW_PICKLE_OBJECT && value->size == MINNOW_TORCH_TENSOR;
}

static size_t count_tensors(const struct minnow_pickle_value *dict) {
    size_t count = 0;
    if (dict->kind != MINNOW_PICKLE_DICT) return 0;
    for (size_t i = 1; i < dict->list->count; i += 2) count += is_tensor(&dict->list->items[i]);
    return count;
}

/* Name the dict that may be meant: a guess would be wrong where training programs keep several models. */
static enum minnow_status fail_without_tensors(const struct minnow_torch_file *file,
                                               const struct minnow_pickle_value *object, struct minnow_error *error) {
    for (size_t i = 0; i < object->list->count; i += 2) {
        const struct minnow_pickle_value *entry = &object->list->items[i];
        if (entry[0].kind == MINNOW_PICKLE_TEXT && count_tensors(&entry[1]))
            return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                               "%s: its tensors lie under \"%s\", expected them at the top or under \"state_dict\", "
                               "\"model_state_dict\", \"model_dict\" or \"model\"; save that dict alone",
                               file->file, minnow_pickle_show(&entry[0]).text);
    }
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: its dict of %zu entries holds no tensors, expected some",
                       file->file, object->list->count / 2);
}

/* The dict of names and weights: the object itself, or a dict in it where training programs put one. */
static enum minnow_status find_weights(const struct minnow_torch_file *file, const struct minnow_pickle_value *object,
                                       const struct minnow_pickle_value **weights, struct minnow_error *error) {
    static const char *const keys[] = {"state_dict", "model_state_dict", "model_dict", "model"};
    if (object->kind != MINNOW_PICKLE_DICT)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: holds %s, expected a dict of names and tensors",
                           file->file, is_tensor(object) ? "a tensor" : minnow_pickle_kind_name(object));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        *weights = minnow_pickle_get(object, keys[i]);
        if (*weights && count_tensors(*weights)) return MINNOW_OK;
    }
    *weights = object;
    return count_tensors(object) ? MINNOW_OK : fail_without_tensors(file, object, error);
}

/* The name with a 0 behind it. */
static enum minnow_status copy_name(const struct minnow_torch_file *file, const struct minnow_pickle_value *key,
                                    char **text, struct minnow_tensor *tensor, struct minnow_error *error) {
    if (key->kind != MINNOW_PICKLE_TEXT)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: the name of a tensor is %s, expected a text", file->file,
                           minnow_pickle_kind_name(key));
    if (memchr(key->bytes, 0, key->size))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s: a name of a tensor holds a 0, expected none",
                           file->file, minnow_pickle_show(key).text);
    memcpy(*text, key->bytes, key->size);
    tensor->name = *text;
    tensor->file = file->file;
    *text += key->size + 1;
    return MINNOW_OK;
}

static size_t name_bytes(const struct minnow_pickle_value *dict) {
    size_t bytes = 0;
    for (size_t i = 0; i < dict->list->count; i += 2)
        if (is_tensor(&dict->list->items[i + 1])) bytes += dict->list->items[i].size + (size_t)1;
    return bytes;
}

static enum minnow_status fill_table(const struct minnow_torch_file *file, const struct minnow_pickle_value *weights,
                                     char *names, struct minnow_tensor *table, struct minnow_error *error) {
    uint64_t limit = (uint64_t)file->size * MOST_REPETITIONS;
    for (size_t i = 0; i < weights->list->count; i += 2) {
        const struct minnow_pickle_value *entry = &weights->list->items[i];
        if (!is_tensor(&entry[1])) continue;
        enum minnow_status status = copy_name(file, &entry[0], &names, table, error);
        if (!status) status = minnow_torch_view(entry[1].object, file->lasting, table, error);
        if (status) return status;
        if (table->size > limit)
            return minnow_fail(
                error, MINNOW_BAD_CHECKPOINT,
                "%s: %.160s: with the tensors before it, its values repeat the file's bytes more than %d "
                "times",
                file->file, table->name, MOST_REPETITIONS);
        limit -= table->size;
        table++;
    }
    return MINNOW_OK;
}

enum minnow_status minnow_torch_state(const struct minnow_torch_file *file, const struct minnow_pickle_value *object,
                                      struct minnow_tensor **tensors, size_t *count, struct minnow_error *error) {
    const struct minnow_pickle_value *weights = NULL;
    enum minnow_status status = find_weights(file, object, &weights, error);
    if (status) return status;
    size_t entries = count_tensors(weights);
    struct minnow_tensor *table = minnow_pool_take(file->lasting, entries * sizeof *table);
    char *names = table ? minnow_pool_take(file->lasting, name_bytes(weights)) : NULL;
    if (!names) return minnow_fail_within(error, minnow_pool_fail(file->lasting, error), "%s", file->file);
    status = fill_table(file, weights, names, table, error);
    if (!status) status = minnow_tensors_sort(file->file, table, entries, error);
    *tensors = table;
    *count = entries;
    return status;
}
