#include "convert/checkpoint/writer/tensor_list.h"

#include "convert/output_file.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64, MOST_NAME = 256 };

/* ---- The list ------------------------------------------------------------------------------ */

static bool make_room(struct minnow_tensor_list *list) {
    if (list->count < list->room) return true;
    size_t room = list->room ? 2 * list->room : FIRST_ROOM;
    struct minnow_listed_tensor *tensors = minnow_memory_take(list->memory, room * sizeof *tensors);
    if (!tensors) return false;
    if (list->count) memcpy(tensors, list->tensors, list->count * sizeof *tensors);
    list->tensors = tensors;
    list->room = room;
    return true;
}

static const char *full_name(const struct minnow_tensor_list *list, const char *name, const char *ending) {
    char full[MOST_NAME];
    int size = snprintf(full, sizeof full, "%s%s%s", list->prefix ? list->prefix : "", name, ending);
    if (size < 0 || (size_t)size >= sizeof full) return NULL;
    return minnow_memory_copy_text(list->memory, full, (size_t)size);
}

static void add(struct minnow_tensor_list *list, const char *name, const char *ending, const float *values,
                const uint32_t shape[4]) {
    const char *full = full_name(list, name, ending);
    list->failed |= !full || !make_room(list);
    if (list->failed) return;
    struct minnow_listed_tensor *tensor = &list->tensors[list->count++];
    *tensor = (struct minnow_listed_tensor){.name = full, .values = values};
    while (tensor->rank < 4 && shape[tensor->rank]) {
        tensor->shape[tensor->rank] = shape[tensor->rank];
        tensor->rank++;
    }
}

void minnow_tensor_list_add(struct minnow_tensor_list *list, const char *name, const float *values,
                            const uint32_t shape[4]) {
    add(list, name, "", values, shape);
}

void minnow_tensor_list_add_vector(struct minnow_tensor_list *list, const char *name, const float *values,
                                   uint32_t count) {
    add(list, name, "", values, (const uint32_t[4]){count});
}

void minnow_tensor_list_add_table(struct minnow_tensor_list *list, const char *name, const struct minnow_table *table) {
    add(list, name, ".weight", table->data, (const uint32_t[4]){table->rows, table->width});
}

void minnow_tensor_list_add_linear(struct minnow_tensor_list *list, const char *name,
                                   const struct minnow_linear *linear) {
    add(list, name, ".weight", linear->weight, (const uint32_t[4]){linear->outputs, linear->inputs});
    if (linear->bias) add(list, name, ".bias", linear->bias, (const uint32_t[4]){linear->outputs});
}

void minnow_tensor_list_add_norm(struct minnow_tensor_list *list, const char *name,
                                 const struct minnow_layer_norm *norm) {
    add(list, name, ".weight", norm->gamma, (const uint32_t[4]){norm->width});
    add(list, name, ".bias", norm->beta, (const uint32_t[4]){norm->width});
}

/* ---- The file ------------------------------------------------------------------------------ */

static size_t count_bytes(const struct minnow_listed_tensor *tensor) {
    size_t bytes = sizeof *tensor->values;
    for (uint32_t i = 0; i < tensor->rank; i++) bytes *= tensor->shape[i];
    return bytes;
}

static bool add_numbers(cJSON *entry, const char *key, const double *numbers, uint32_t count) {
    cJSON *array = cJSON_AddArrayToObject(entry, key);
    bool fine = array != NULL;
    for (uint32_t i = 0; i < count && fine; i++) {
        cJSON *number = cJSON_CreateNumber(numbers[i]);
        fine = number && cJSON_AddItemToArray(array, number);
        if (!fine) cJSON_Delete(number);
    }
    return fine;
}

static bool add_entry(cJSON *root, const struct minnow_listed_tensor *tensor, size_t begin) {
    double shape[4] = {0}, offsets[2] = {(double)begin, (double)(begin + count_bytes(tensor))};
    for (uint32_t i = 0; i < tensor->rank; i++) shape[i] = tensor->shape[i];
    cJSON *entry = cJSON_AddObjectToObject(root, tensor->name);
    return entry && cJSON_AddStringToObject(entry, "dtype", "F32") &&
           add_numbers(entry, "shape", shape, tensor->rank) && add_numbers(entry, "data_offsets", offsets, 2);
}

/* Hugging Face's readers ask for the format of the program that wrote the file. NULL: out of memory. */
static char *print_header(const struct minnow_tensor_list *list) {
    cJSON *root = cJSON_CreateObject();
    cJSON *metadata = root ? cJSON_AddObjectToObject(root, "__metadata__") : NULL;
    bool fine = metadata && cJSON_AddStringToObject(metadata, "format", "pt");
    size_t begin = 0;
    for (size_t i = 0; i < list->count && fine; i++) {
        fine = add_entry(root, &list->tensors[i], begin);
        begin += count_bytes(&list->tensors[i]);
    }
    char *text = fine ? cJSON_PrintUnformatted(root) : NULL;
    cJSON_Delete(root);
    return text;
}

static enum minnow_status write_header(struct minnow_output_file *file, const char *header,
                                       struct minnow_error *error) {
    static const char padding[8] = "        ";
    size_t size = strlen(header), spaces = (8 - size % 8) % 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++) length[i] = (uint8_t)((uint64_t)(size + spaces) >> 8 * i);
    enum minnow_status status = minnow_output_file_write(file, length, sizeof length, error);
    if (!status) status = minnow_output_file_write(file, header, size, error);
    return status ? status : minnow_output_file_write(file, padding, spaces, error);
}

static enum minnow_status write_file(const struct minnow_tensor_list *list, const char *header, const char *path,
                                     struct minnow_error *error) {
    struct minnow_output_file *file;
    enum minnow_status status = minnow_output_file_open(path, &file, error);
    if (status) return status;
    status = write_header(file, header, error);
    for (size_t i = 0; i < list->count && !status; i++)
        status = minnow_output_file_write(file, list->tensors[i].values, count_bytes(&list->tensors[i]), error);
    if (!status) return minnow_output_file_commit(file, error);
    minnow_output_file_abandon(file);
    return status;
}

enum minnow_status minnow_tensor_list_write(const struct minnow_tensor_list *list, const char *path,
                                            struct minnow_error *error) {
    char *header = list->failed ? NULL : print_header(list);
    if (!header) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory to write it", path);
    enum minnow_status status = write_file(list, header, path, error);
    cJSON_free(header);
    return status;
}
