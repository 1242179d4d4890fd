#include "convert/checkpoint/kept_options.h"

#include "convert/checkpoint/json_file.h"

#include <string.h>

static enum minnow_status read_text(const struct minnow_json_file *file, const char *key, struct minnow_memory *memory,
                                    const char **text, struct minnow_error *error) {
    const char *found = NULL;
    enum minnow_status status = *text ? MINNOW_OK : minnow_json_text(file, file->root, key, &found, error);
    if (status || !found) return status;
    *text = minnow_memory_copy_text(memory, found, strlen(found));
    return *text ? MINNOW_OK : minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for it", file->name);
}

static enum minnow_status read_number(const struct minnow_json_file *file, const char *key, uint32_t *number,
                                      struct minnow_error *error) {
    if (*number) return MINNOW_OK;
    return minnow_json_u32(file, file->root, key, 1, MINNOW_MAX_TOKENS, number, error);
}

static enum minnow_status read_options(const struct minnow_json_file *file, struct minnow_memory *memory,
                                       struct minnow_checkpoint_options *options, struct minnow_error *error) {
    if (!cJSON_IsObject(file->root))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is %s, expected an object", file->name,
                           minnow_json_found(file->root).text);
    enum minnow_status status = read_text(file, "query_prompt", memory, &options->query_prompt, error);
    if (!status) status = read_text(file, "document_prompt", memory, &options->document_prompt, error);
    if (!status) status = read_text(file, "mask_tokens", memory, &options->mask_tokens, error);
    if (!status) status = read_number(file, "join_layer", &options->join_layer, error);
    if (status || options->max_tokens) return status;
    status = read_number(file, "query_length", &options->query_length, error);
    return status ? status : read_number(file, "document_length", &options->document_length, error);
}

enum minnow_status minnow_kept_options_read(const char *folder, struct minnow_memory *memory,
                                            struct minnow_checkpoint_options *options, struct minnow_error *error) {
    struct minnow_json_file file;
    enum minnow_status status = minnow_json_open(folder, MINNOW_KEPT_OPTIONS_FILE, &file, error);
    if (status || !file.root) return status;
    status = read_options(&file, memory, options, error);
    minnow_json_close(&file);
    return status;
}
