/* The JSON files of a checkpoint folder: typed values, and errors that name file and key.
 *
 * A key whose value is null counts as absent, and the last of several equal keys counts, both as in
 * the Python programs that write these files. */
#ifndef MINNOW_JSON_FILE_H
#define MINNOW_JSON_FILE_H

#include "runtime/error.h"

#include <cjson/cJSON.h>

struct minnow_json_file {
    const char *name; /* within the checkpoint folder; borrowed */
    cJSON *root;      /* NULL where there is no such file */
};

/* Parse text that need not end with a 0. *root is freed with cJSON_Delete. */
enum minnow_status minnow_json_parse(const char *name, const char *bytes, size_t size, cJSON **root,
                                     struct minnow_error *error);

/* Read folder/name, a JSON object or array of at most 64 MB. A missing file is MINNOW_OK with root == NULL. */
enum minnow_status minnow_json_open(const char *folder, const char *name, struct minnow_json_file *file,
                                    struct minnow_error *error);
void minnow_json_close(struct minnow_json_file *file);

/* The value of a key, or NULL where object is no object, or the key is absent or null. */
const cJSON *minnow_json_get(const cJSON *object, const char *key);

/* A whole number in [0, 2^53] as JSON can carry it exactly. */
bool minnow_json_is_integer(const cJSON *value, uint64_t *integer);

/* What an error says about a found value: `"text"`, `12`, `null`, `an object`; at most 80 bytes. */
struct minnow_json_found {
    char text[96];
};
struct minnow_json_found minnow_json_found(const cJSON *value);

/* Each of these leaves *out as it is where the key is absent, and fails on another type or range. */
enum minnow_status minnow_json_u32(const struct minnow_json_file *file, const cJSON *object, const char *key,
                                   uint32_t least, uint32_t most, uint32_t *out, struct minnow_error *error);
/* The same from 1 on, where an absent key is an error. */
enum minnow_status minnow_json_require_u32(const struct minnow_json_file *file, const char *key, uint32_t most,
                                           uint32_t *out, struct minnow_error *error);
enum minnow_status minnow_json_bool(const struct minnow_json_file *file, const cJSON *object, const char *key,
                                    bool *out, struct minnow_error *error);
/* *out is borrowed from the file. */
enum minnow_status minnow_json_text(const struct minnow_json_file *file, const cJSON *object, const char *key,
                                    const char **out, struct minnow_error *error);

#endif
