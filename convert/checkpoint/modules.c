#include "convert/checkpoint/modules.h"

#include <stdio.h>
#include <string.h>

#define FILE_NAME "modules.json"

/* Classes are told by the last part of their path, which survived every move of the library:
 * sentence_transformers.models.Transformer, sentence_transformers.base.modules.transformer.Transformer. */
static const struct {
    const char *class_name;
    enum minnow_module_kind kind;
} classes[] = {
    {"Transformer", MINNOW_MODULE_TRANSFORMER},
    {"WordEmbeddings", MINNOW_MODULE_WORD_EMBEDDINGS},
    {"StaticEmbedding", MINNOW_MODULE_STATIC_EMBEDDING},
    {"LSTM", MINNOW_MODULE_LSTM},
    {"CNN", MINNOW_MODULE_CNN},
    {"Pooling", MINNOW_MODULE_POOLING},
    {"Dense", MINNOW_MODULE_DENSE},
    {"Normalize", MINNOW_MODULE_NORMALIZE},
    {"Dropout", MINNOW_MODULE_DROPOUT},
    {"Router", MINNOW_MODULE_ROUTER},
    {"Asym", MINNOW_MODULE_ROUTER}, /* its name before version 5 */
};

static bool find_class(const char *type, enum minnow_module_kind *kind) {
    const char *last = strrchr(type, '.');
    if (strncmp(type, "sentence_transformers.", 22) || !last) return false;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (!strcmp(last + 1, classes[i].class_name)) {
            *kind = classes[i].kind;
            return true;
        }
    return false;
}

enum minnow_status minnow_module_find_kind(const cJSON *type, const char *where, enum minnow_module_kind *kind,
                                           struct minnow_error *error) {
    if (cJSON_IsString(type) && find_class(type->valuestring, kind)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: type is %s, expected Transformer, Pooling, Dense, Normalize, Dropout, WordEmbeddings, "
                       "LSTM, CNN, StaticEmbedding, Router or Asym of sentence_transformers",
                       where, minnow_json_found(type).text);
}

const char *minnow_module_name(enum minnow_module_kind kind) {
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (classes[i].kind == kind) return classes[i].class_name;
    return "unknown";
}

bool minnow_module_is_subfolder(const char *path) {
    return strlen(path) < 256 && !strchr(path, '/') && !strchr(path, '\\') && strcmp(path, ".") && strcmp(path, "..");
}

static enum minnow_status no_memory(struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, FILE_NAME ": no memory");
}

/* A subfolder beside the file or the folder itself, "" or "."; nothing that leads out of it. */
static enum minnow_status read_subfolder(const cJSON *entry, struct minnow_memory *memory,
                                         struct minnow_module *module, struct minnow_error *error) {
    const cJSON *path = minnow_json_get(entry, "path");
    const char *text = cJSON_IsString(path) ? path->valuestring : NULL;
    if (text && !strcmp(text, ".")) text = "";
    if (!text || !minnow_module_is_subfolder(text))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: path is %s, expected the name of a folder beside it, or \"\"", module->where,
                           minnow_json_found(path).text);
    module->subfolder = minnow_memory_copy_text(memory, text, strlen(text));
    return module->subfolder ? MINNOW_OK : no_memory(error);
}

static enum minnow_status read_module(const cJSON *entry, uint32_t place, struct minnow_memory *memory,
                                      struct minnow_module *module, struct minnow_error *error) {
    char where[64];
    snprintf(where, sizeof where, FILE_NAME ": module %u", place);
    module->where = minnow_memory_copy_text(memory, where, strlen(where));
    if (!module->where) return no_memory(error);
    enum minnow_status status = minnow_module_find_kind(minnow_json_get(entry, "type"), where, &module->kind, error);
    return status ? status : read_subfolder(entry, memory, module, error);
}

static enum minnow_status read_list(const struct minnow_json_file *file, struct minnow_memory *memory,
                                    struct minnow_modules *modules, struct minnow_error *error) {
    int size = cJSON_IsArray(file->root) ? cJSON_GetArraySize(file->root) : -1;
    if (size < 0 || size > 64)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is %s, expected an array of at most 64 modules",
                           file->name, size < 0 ? minnow_json_found(file->root).text : "longer");
    modules->modules = minnow_memory_take(memory, (size_t)size * sizeof *modules->modules);
    if (!modules->modules) return no_memory(error);
    for (const cJSON *entry = file->root->child; entry; entry = entry->next) {
        enum minnow_status status =
            read_module(entry, modules->count, memory, &modules->modules[modules->count], error);
        if (status) return status;
        modules->count++;
    }
    return MINNOW_OK;
}

enum minnow_status minnow_modules_read(const char *folder, struct minnow_memory *memory, struct minnow_modules *modules,
                                       struct minnow_error *error) {
    *modules = (struct minnow_modules){0};
    struct minnow_json_file file;
    enum minnow_status status = minnow_json_open(folder, FILE_NAME, &file, error);
    if (status) return status;
    status = read_list(&file, memory, modules, error);
    minnow_json_close(&file);
    return status;
}
