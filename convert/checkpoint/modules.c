#include "convert/checkpoint/modules.h"

#include "convert/checkpoint/json_file.h"

#include <string.h>

#define FILE_NAME "modules.json"

/* Classes are told by the last part of their path, which survived every move of the library:
 * sentence_transformers.models.Transformer, sentence_transformers.base.modules.transformer.Transformer. */
static const struct {
    const char *class_name;
    enum minnow_module_kind kind;
} classes[] = {
    {"Transformer", MINNOW_MODULE_TRANSFORMER}, {"Pooling", MINNOW_MODULE_POOLING}, {"Dense", MINNOW_MODULE_DENSE},
    {"Normalize", MINNOW_MODULE_NORMALIZE},     {"Dropout", MINNOW_MODULE_DROPOUT},
};

static bool find_kind(const char *type, enum minnow_module_kind *kind) {
    const char *last = strrchr(type, '.');
    if (strncmp(type, "sentence_transformers.", 22) || !last) return false;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (!strcmp(last + 1, classes[i].class_name)) {
            *kind = classes[i].kind;
            return true;
        }
    return false;
}

static enum minnow_status read_kind(const struct minnow_json_file *file, const cJSON *entry, uint32_t place,
                                    struct minnow_module *module, struct minnow_error *error) {
    const cJSON *type = minnow_json_get(entry, "type");
    if (cJSON_IsString(type) && find_kind(type->valuestring, &module->kind)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: module %u: type is %s, expected Transformer, Pooling, Dense, Normalize or Dropout of "
                       "sentence_transformers",
                       file->name, place, minnow_json_found(type).text);
}

/* A subfolder beside the file or the folder itself; nothing that leads out of it. */
static bool is_subfolder(const char *path) {
    return strlen(path) < 256 && !strchr(path, '/') && !strchr(path, '\\') && strcmp(path, ".") && strcmp(path, "..");
}

static enum minnow_status read_subfolder(const struct minnow_json_file *file, const cJSON *entry, uint32_t place,
                                         struct minnow_memory *memory, struct minnow_module *module,
                                         struct minnow_error *error) {
    const cJSON *path = minnow_json_get(entry, "path");
    if (!cJSON_IsString(path) || !is_subfolder(path->valuestring))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: module %u: path is %s, expected the name of a folder beside it, or \"\"", file->name,
                           place, minnow_json_found(path).text);
    module->subfolder = minnow_memory_copy_text(memory, path->valuestring, strlen(path->valuestring));
    return module->subfolder ? MINNOW_OK : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory", file->name);
}

static const char *kind_name(enum minnow_module_kind kind) {
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (classes[i].kind == kind) return classes[i].class_name;
    return "unknown";
}

/* Transformer, then Pooling, then what works on the pooled vector. */
static enum minnow_status check_order(const struct minnow_modules *modules, struct minnow_error *error) {
    static const char *const expected[] = {"Transformer", "Pooling", "Dense, Normalize or Dropout"};
    for (uint32_t i = 0; i < modules->count; i++) {
        enum minnow_module_kind kind = modules->modules[i].kind;
        bool fits = i == 0   ? kind == MINNOW_MODULE_TRANSFORMER
                    : i == 1 ? kind == MINNOW_MODULE_POOLING
                             : kind != MINNOW_MODULE_TRANSFORMER && kind != MINNOW_MODULE_POOLING;
        if (!fits)
            return minnow_fail(error, MINNOW_UNSUPPORTED, FILE_NAME ": module %u is %s, expected %s", i,
                               kind_name(kind), expected[i < 2 ? i : 2]);
    }
    if (modules->count >= 2) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       FILE_NAME ": lists %u modules, expected at least two: Transformer and Pooling", modules->count);
}

static enum minnow_status read_list(const struct minnow_json_file *file, struct minnow_memory *memory,
                                    struct minnow_modules *modules, struct minnow_error *error) {
    int size = cJSON_IsArray(file->root) ? cJSON_GetArraySize(file->root) : -1;
    if (size < 0 || size > 64)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is %s, expected an array of at most 64 modules",
                           file->name, size < 0 ? minnow_json_found(file->root).text : "longer");
    modules->modules = minnow_memory_take(memory, (size_t)size * sizeof *modules->modules);
    if (!modules->modules) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory", file->name);
    for (const cJSON *entry = file->root->child; entry; entry = entry->next) {
        struct minnow_module *module = &modules->modules[modules->count];
        enum minnow_status status = read_kind(file, entry, modules->count, module, error);
        if (!status) status = read_subfolder(file, entry, modules->count, memory, module, error);
        if (status) return status;
        modules->count++;
    }
    return check_order(modules, error);
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
