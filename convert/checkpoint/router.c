#include "convert/checkpoint/router.h"

#include "convert/checkpoint/json_file.h"
#include "convert/checkpoint/text_file.h"

#include <stdio.h>
#include <string.h>

enum { MOST_MODULES = 64 };

/* What its routes are called. The first name is the one that route_mappings know; those before version 5 were anyone's
 * choice. */
static const char *const role_names[2][5] = {{"query", "queries", "question"},
                                             {"document", "doc", "docs", "passage", "corpus"}};

static enum minnow_status open_config(const struct minnow_reading *reading, const char *subfolder,
                                      struct minnow_json_file *file, struct minnow_error *error) {
    static const char *const names[] = {"router_config.json", "config.json"};
    enum minnow_status status = MINNOW_OK;
    *file = (struct minnow_json_file){0};
    for (size_t i = 0; i < 2 && !file->root && !status; i++) {
        const char *name = minnow_join_name(reading->memory, subfolder, names[i]);
        if (!name) return minnow_reading_no_memory(reading, error);
        status = minnow_json_open(reading->folder, name, file, error);
    }
    if (status || cJSON_IsObject(file->root)) return status;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is %s, expected an object (or router_config.json beside it)",
                       file->name, minnow_json_found(file->root).text);
}

/* The name of the route that the mappings give a role's texts, as Python prints the pair that is their key. */
static const char *find_mapping(const struct minnow_json_file *file, enum minnow_role role) {
    const cJSON *mappings = minnow_json_get(minnow_json_get(file->root, "parameters"), "route_mappings");
    char of_role[2][64];
    snprintf(of_role[0], sizeof of_role[0], "('%s', 'text')", role_names[role][0]);
    snprintf(of_role[1], sizeof of_role[1], "('%s', None)", role_names[role][0]);
    const char *const keys[] = {of_role[0], of_role[1], "(None, 'text')", "(None, None)"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const cJSON *route = minnow_json_get(mappings, keys[i]);
        if (cJSON_IsString(route)) return route->valuestring;
    }
    return NULL;
}

/* A route is an array of names of subfolders. */
static enum minnow_status find_route(const struct minnow_json_file *file, enum minnow_role role, const cJSON **route,
                                     struct minnow_error *error) {
    const cJSON *structure = minnow_json_get(file->root, "structure");
    const char *mapped = find_mapping(file, role);
    *route = mapped ? minnow_json_get(structure, mapped) : NULL;
    for (size_t i = 0; i < 5 && role_names[role][i] && !mapped && !*route; i++)
        *route = minnow_json_get(structure, role_names[role][i]);
    if (!mapped && !*route) *route = minnow_json_get(structure, "text");
    if (cJSON_IsArray(*route) && cJSON_GetArraySize(*route) <= MOST_MODULES) return MINNOW_OK;
    const cJSON *first = structure ? structure->child : NULL, *second = first ? first->next : NULL;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: structure has %.60s, %.60s, expected an array of modules under \"%s\"", file->name,
                       first ? first->string : "nothing", second ? second->string : "nothing else",
                       mapped ? mapped : role_names[role][0]);
}

static enum minnow_status read_module(const struct minnow_reading *reading, const struct minnow_json_file *file,
                                      const char *subfolder, const cJSON *entry, struct minnow_module *module,
                                      struct minnow_error *error) {
    const cJSON *types = minnow_json_get(file->root, "types");
    const cJSON *type = cJSON_IsString(entry) ? minnow_json_get(types, entry->valuestring) : NULL;
    if (!cJSON_IsString(entry) || !minnow_module_is_subfolder(entry->valuestring))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: structure names %s, expected the name of a folder beside the file", file->name,
                           minnow_json_found(entry).text);
    char where[320];
    snprintf(where, sizeof where, "%.200s: %.100s", file->name, entry->valuestring);
    module->where = minnow_memory_copy_text(reading->memory, where, strlen(where));
    module->subfolder = minnow_join_name(reading->memory, subfolder, entry->valuestring);
    if (!module->where || !module->subfolder) return minnow_reading_no_memory(reading, error);
    enum minnow_status status = minnow_module_find_kind(type, where, &module->kind, error);
    if (status || module->kind != MINNOW_MODULE_ROUTER) return status;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s is a router within a router", where);
}

static enum minnow_status add_route(const struct minnow_reading *reading, const struct minnow_module *router,
                                    enum minnow_role role, struct minnow_modules *out, struct minnow_error *error) {
    struct minnow_json_file file;
    const cJSON *route = NULL;
    enum minnow_status status = open_config(reading, router->subfolder, &file, error);
    if (!status) status = find_route(&file, role, &route, error);
    for (const cJSON *entry = route ? route->child : NULL; entry && !status; entry = entry->next)
        status = read_module(reading, &file, router->subfolder, entry, &out->modules[out->count++], error);
    minnow_json_close(&file);
    return status;
}

enum minnow_status minnow_modules_of_role(const struct minnow_reading *reading, const struct minnow_modules *modules,
                                          enum minnow_role role, struct minnow_modules *out,
                                          struct minnow_error *error) {
    enum minnow_status status = MINNOW_OK;
    bool routed = false;
    *out = (struct minnow_modules){
        minnow_memory_take(reading->memory, (modules->count + MOST_MODULES) * sizeof *out->modules), 0};
    if (!out->modules) return minnow_reading_no_memory(reading, error);
    for (uint32_t i = 0; i < modules->count && !status; i++) {
        const struct minnow_module *module = &modules->modules[i];
        if (module->kind != MINNOW_MODULE_ROUTER) {
            out->modules[out->count++] = *module;
            continue;
        }
        if (routed)
            return minnow_fail(error, MINNOW_UNSUPPORTED, "%s is a second router, expected at most one", module->where);
        routed = true;
        status = add_route(reading, module, role, out, error);
    }
    return status;
}
