/* A YAML file of a checkpoint folder that maps names to plain values: typed values, and errors that name file and key.
 * null and an empty value count as absent. */
#ifndef MINNOW_YAML_FILE_H
#define MINNOW_YAML_FILE_H

#include "runtime/error.h"

struct minnow_yaml_entries;

struct minnow_yaml_file {
    const char *name; /* within the checkpoint folder; borrowed */
    struct minnow_yaml_entries *entries; /* NULL where there is no such file */
};

/* Read the first document of folder/name, of at most 1 MB. A missing file is MINNOW_OK with entries == NULL. */
enum minnow_status minnow_yaml_open(const char *folder, const char *name, struct minnow_yaml_file *file,
                                    struct minnow_error *error);
void minnow_yaml_close(struct minnow_yaml_file *file);

/* The text of a plain value, or NULL where the key is absent or its value is no plain one. */
const char *minnow_yaml_text(const struct minnow_yaml_file *file, const char *key);

/* Each of these leaves *out as it is where the key is absent, and fails on another type or range. */
enum minnow_status minnow_yaml_i32(const struct minnow_yaml_file *file, const char *key, int32_t least, int32_t most,
                                   int32_t *out, struct minnow_error *error);
enum minnow_status minnow_yaml_bool(const struct minnow_yaml_file *file, const char *key, bool *out,
                                    struct minnow_error *error);

#endif
