#include "convert/checkpoint/json_file.h"

#include "convert/checkpoint/text_file.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_LIMIT = 64 << 20 };

enum minnow_status minnow_json_parse(const char *name, const char *bytes, size_t size, cJSON **root,
                                     struct minnow_error *error) {
    const char *end = bytes;
    cJSON *parsed = cJSON_ParseWithLengthOpts(bytes, size, &end, false);
    while (parsed && end < bytes + size && isspace((unsigned char)*end)) end++;
    if (parsed && end == bytes + size) {
        *root = parsed;
        return MINNOW_OK;
    }
    cJSON_Delete(parsed);
    size_t place = end >= bytes && end <= bytes + size ? (size_t)(end - bytes) : 0;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is not valid JSON at byte %zu of %zu", name, place, size);
}

enum minnow_status minnow_json_open(const char *folder, const char *name, struct minnow_json_file *file,
                                    struct minnow_error *error) {
    *file = (struct minnow_json_file){.name = name};
    char *bytes;
    size_t size;
    enum minnow_status status = minnow_text_file_read(folder, name, JSON_LIMIT, &bytes, &size, error);
    if (status || !bytes) return status;
    status = minnow_json_parse(name, bytes, size, &file->root, error);
    free(bytes);
    return status;
}

void minnow_json_close(struct minnow_json_file *file) {
    cJSON_Delete(file->root);
    file->root = NULL;
}

const cJSON *minnow_json_get(const cJSON *object, const char *key) {
    const cJSON *found = NULL;
    if (!cJSON_IsObject(object)) return NULL;
    for (const cJSON *child = object->child; child; child = child->next)
        if (!strcmp(child->string, key)) found = child;
    return cJSON_IsNull(found) ? NULL : found;
}

bool minnow_json_is_integer(const cJSON *value, uint64_t *integer) {
    const double exact_limit = 9007199254740992.0; /* 2^53 */
    if (!cJSON_IsNumber(value)) return false;
    double number = value->valuedouble;
    if (!(number >= 0 && number <= exact_limit) || floor(number) < number) return false;
    *integer = (uint64_t)number;
    return true;
}

struct minnow_json_found minnow_json_found(const cJSON *value) {
    struct minnow_json_found found = {"missing"};
    if (cJSON_IsString(value))
        snprintf(found.text, sizeof found.text, "\"%.80s\"", value->valuestring);
    else if (cJSON_IsNumber(value))
        snprintf(found.text, sizeof found.text, "%.17g", value->valuedouble);
    else if (value)
        snprintf(found.text, sizeof found.text, "%s",
                 cJSON_IsBool(value)     ? cJSON_IsTrue(value) ? "true" : "false"
                 : cJSON_IsNull(value)   ? "null"
                 : cJSON_IsArray(value)  ? "an array"
                 : cJSON_IsObject(value) ? "an object"
                                         : "unknown");
    return found;
}

enum minnow_status minnow_json_u32(const struct minnow_json_file *file, const cJSON *object, const char *key,
                                   uint32_t least, uint32_t most, uint32_t *out, struct minnow_error *error) {
    const cJSON *value = minnow_json_get(object, key);
    if (!value) return MINNOW_OK;
    uint64_t integer;
    if (!minnow_json_is_integer(value, &integer) || integer < least || integer > most)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: %s is %s, expected a whole number from %" PRIu32 " to %" PRIu32, file->name, key,
                           minnow_json_found(value).text, least, most);
    *out = (uint32_t)integer;
    return MINNOW_OK;
}

enum minnow_status minnow_json_require_u32(const struct minnow_json_file *file, const char *key, uint32_t most,
                                           uint32_t *out, struct minnow_error *error) {
    if (minnow_json_get(file->root, key)) return minnow_json_u32(file, file->root, key, 1, most, out, error);
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s is missing, expected a whole number", file->name, key);
}

enum minnow_status minnow_json_bool(const struct minnow_json_file *file, const cJSON *object, const char *key,
                                    bool *out, struct minnow_error *error) {
    const cJSON *value = minnow_json_get(object, key);
    if (!value) return MINNOW_OK;
    if (!cJSON_IsBool(value))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s is %s, expected true or false", file->name, key,
                           minnow_json_found(value).text);
    *out = cJSON_IsTrue(value);
    return MINNOW_OK;
}

enum minnow_status minnow_json_text(const struct minnow_json_file *file, const cJSON *object, const char *key,
                                    const char **out, struct minnow_error *error) {
    const cJSON *value = minnow_json_get(object, key);
    if (!value) return MINNOW_OK;
    if (!cJSON_IsString(value))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s is %s, expected a string", file->name, key,
                           minnow_json_found(value).text);
    *out = value->valuestring;
    return MINNOW_OK;
}
