/* The config.json of Pooling, Dense and Normalize folders. */
#include "convert/checkpoint/json_file.h"
#include "convert/checkpoint/modules.h"
#include "convert/checkpoint/text_file.h"

#include <string.h>

static enum minnow_status open_config(const char *folder, const char *subfolder, const char *config, bool required,
                                      struct minnow_memory *memory, struct minnow_json_file *file,
                                      struct minnow_error *error) {
    *file = (struct minnow_json_file){0};
    const char *name = minnow_join_name(memory, subfolder, config);
    if (!name) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for its name", config);
    enum minnow_status status = minnow_json_open(folder, name, file, error);
    if (status || cJSON_IsObject(file->root) || (!file->root && !required)) return status;
    status = minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is %s, expected an object", name,
                         minnow_json_found(file->root).text);
    minnow_json_close(file);
    return status;
}

enum minnow_status minnow_module_config_open(const char *folder, const char *subfolder, const char *name,
                                             struct minnow_memory *memory, struct minnow_json_file *file,
                                             struct minnow_error *error) {
    return open_config(folder, subfolder, name, true, memory, file, error);
}

/* ---- Pooling ------------------------------------------------------------------------------ */

static bool parse_mode(const char *name, enum minnow_pooling *mode) {
    static const char *const names[] = {
        [MINNOW_POOL_CLS] = "cls", [MINNOW_POOL_MEAN] = "mean", [MINNOW_POOL_MAX] = "max"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) {
            *mode = (enum minnow_pooling)i;
            return true;
        }
    return false;
}

/* "pooling_mode": a name, or a list of one name. */
static enum minnow_status read_new_mode(const struct minnow_json_file *file, const cJSON *value,
                                        enum minnow_pooling *mode, struct minnow_error *error) {
    if (cJSON_IsArray(value) && cJSON_GetArraySize(value) == 1) value = value->child;
    if (cJSON_IsString(value) && parse_mode(value->valuestring, mode)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: pooling_mode is %s, expected one of \"cls\", \"mean\", \"max\"",
                       file->name, cJSON_IsArray(value) ? "a list of several" : minnow_json_found(value).text);
}

/* "pooling_mode_mean_tokens": true and its like; none true means mean. */
static enum minnow_status read_old_mode(const struct minnow_json_file *file, enum minnow_pooling *mode,
                                        struct minnow_error *error) {
    static const struct {
        const char *key;
        int mode; /* -1: not supported */
    } keys[] = {
        {"pooling_mode_cls_token", MINNOW_POOL_CLS},  {"pooling_mode_mean_tokens", MINNOW_POOL_MEAN},
        {"pooling_mode_max_tokens", MINNOW_POOL_MAX}, {"pooling_mode_mean_sqrt_len_tokens", -1},
        {"pooling_mode_weightedmean_tokens", -1},     {"pooling_mode_lasttoken", -1},
    };
    const char *found = NULL;
    *mode = MINNOW_POOL_MEAN;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        bool chosen = false;
        enum minnow_status status = minnow_json_bool(file, file->root, keys[i].key, &chosen, error);
        if (status) return status;
        if (!chosen) continue;
        if (found)
            return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s and %s are both true, expected one mode", file->name,
                               found, keys[i].key);
        if (keys[i].mode < 0)
            return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s is true, expected cls, mean or max", file->name,
                               keys[i].key);
        found = keys[i].key;
        *mode = (enum minnow_pooling)keys[i].mode;
    }
    return MINNOW_OK;
}

static enum minnow_status check_pooling(const struct minnow_json_file *file, uint32_t width,
                                        struct minnow_error *error) {
    bool include_prompt = true;
    uint32_t found = width;
    enum minnow_status status = minnow_json_bool(file, file->root, "include_prompt", &include_prompt, error);
    const char *key =
        minnow_json_get(file->root, "embedding_dimension") ? "embedding_dimension" : "word_embedding_dimension";
    if (!status) status = minnow_json_u32(file, file->root, key, 1, MINNOW_MAX_WIDTH, &found, error);
    if (status) return status;
    if (!include_prompt)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "%s: include_prompt is false, expected true: a pooling without the prompt's tokens is not "
                           "supported",
                           file->name);
    if (found == width) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s is %u, expected %u, the width before it",
                       file->name, key, found, width);
}

enum minnow_status minnow_pooling_parse(const char *name, enum minnow_pooling *mode, struct minnow_error *error) {
    if (parse_mode(name, mode)) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "pooling is \"%.80s\", expected cls, mean or max", name);
}

static enum minnow_status read_pooling(const struct minnow_json_file *file, const char *pooling, uint32_t width,
                                       enum minnow_pooling *mode, struct minnow_error *error) {
    enum minnow_status status = check_pooling(file, width, error);
    if (status || pooling) return status ? status : minnow_pooling_parse(pooling, mode, error);
    const cJSON *value = minnow_json_get(file->root, "pooling_mode");
    return value ? read_new_mode(file, value, mode, error) : read_old_mode(file, mode, error);
}

enum minnow_status minnow_pooling_read(const char *folder, const char *subfolder, const char *pooling, uint32_t width,
                                       struct minnow_memory *memory, enum minnow_pooling *mode,
                                       struct minnow_error *error) {
    struct minnow_json_file file;
    enum minnow_status status = minnow_module_config_open(folder, subfolder, "config.json", memory, &file, error);
    if (!status) status = read_pooling(&file, pooling, width, mode, error);
    minnow_json_close(&file);
    return status;
}

/* ---- Dense -------------------------------------------------------------------------------- */

/* Both files of these modules name what they read and write; only the pooled vector is known here. */
static enum minnow_status check_streams(const struct minnow_json_file *file, struct minnow_error *error) {
    static const char *const keys[] = {"module_input_name", "module_output_name"};
    for (size_t i = 0; i < 2; i++) {
        const char *found = "sentence_embedding";
        enum minnow_status status = minnow_json_text(file, file->root, keys[i], &found, error);
        if (status) return status;
        if (strcmp(found, "sentence_embedding"))
            return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s is \"%.80s\", expected \"sentence_embedding\"",
                               file->name, keys[i], found);
    }
    return MINNOW_OK;
}

/* torch's classes; GELU without arguments is the exact one. Nothing said means Tanh. */
static enum minnow_status read_activation(const struct minnow_json_file *file, enum minnow_activation *activation,
                                          struct minnow_error *error) {
    static const struct {
        const char *class_name;
        enum minnow_activation activation;
    } classes[] = {{"torch.nn.modules.linear.Identity", MINNOW_IDENTITY},
                   {"torch.nn.modules.activation.Tanh", MINNOW_TANH},
                   {"torch.nn.modules.activation.ReLU", MINNOW_RELU},
                   {"torch.nn.modules.activation.GELU", MINNOW_GELU}};
    const char *found = classes[1].class_name;
    enum minnow_status status = minnow_json_text(file, file->root, "activation_function", &found, error);
    if (status) return status;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (!strcmp(found, classes[i].class_name)) {
            *activation = classes[i].activation;
            return MINNOW_OK;
        }
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "%s: activation_function is \"%.100s\", expected torch.nn.modules.linear.Identity or "
                       "torch.nn.modules.activation.Tanh, .ReLU or .GELU",
                       file->name, found);
}

static enum minnow_status check_residual(const struct minnow_json_file *file, struct minnow_error *error) {
    bool residual = false;
    enum minnow_status status = minnow_json_bool(file, file->root, "use_residual", &residual, error);
    if (status || !residual) return status;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: use_residual is true, expected false", file->name);
}

static enum minnow_status read_dense(const struct minnow_json_file *file, struct minnow_dense_config *config,
                                     struct minnow_error *error) {
    config->file = file->name;
    config->bias = true;
    enum minnow_status status = minnow_json_require_u32(file, "in_features", MINNOW_MAX_INPUTS, &config->inputs, error);
    if (!status) status = minnow_json_require_u32(file, "out_features", MINNOW_MAX_WIDTH, &config->outputs, error);
    if (!status) status = minnow_json_bool(file, file->root, "bias", &config->bias, error);
    if (!status) status = read_activation(file, &config->activation, error);
    if (!status) status = check_streams(file, error);
    return status ? status : check_residual(file, error);
}

enum minnow_status minnow_dense_config_read(const char *folder, const char *subfolder, struct minnow_memory *memory,
                                            struct minnow_dense_config *config, struct minnow_error *error) {
    *config = (struct minnow_dense_config){0};
    struct minnow_json_file file;
    enum minnow_status status = minnow_module_config_open(folder, subfolder, "config.json", memory, &file, error);
    if (!status) status = read_dense(&file, config, error);
    minnow_json_close(&file);
    return status;
}

enum minnow_status minnow_normalize_check(const char *folder, const char *subfolder, struct minnow_memory *memory,
                                          struct minnow_error *error) {
    struct minnow_json_file file;
    if (!*subfolder) return MINNOW_OK;
    enum minnow_status status = open_config(folder, subfolder, "config.json", false, memory, &file, error);
    if (status) return status;
    if (file.root) status = check_streams(&file, error);
    minnow_json_close(&file);
    return status;
}
