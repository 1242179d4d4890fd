#include "convert/checkpoint/prompts.h"

#include "convert/checkpoint/json_file.h"
#include "runtime/model/model.h"

#include <string.h>

#define FILE_NAME "config_sentence_transformers.json"

/* Names under which a role's prompt is looked for, first found first taken: those of
 * SentenceTransformer.encode_query and .encode_document. */
static const char *const role_names[2][3] = {{"query", NULL, NULL}, {"document", "passage", "corpus"}};

static enum minnow_status find_role_prompt(const struct minnow_json_file *file, const cJSON *prompts,
                                           enum minnow_role role, const char **prompt, struct minnow_error *error) {
    const struct minnow_json_file within = {FILE_NAME ": prompts", file->root};
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < 3 && role_names[role][i] && !status && !*prompt; i++)
        status = minnow_json_text(&within, prompts, role_names[role][i], prompt, error);
    return status;
}

static enum minnow_status find_default_prompt(const struct minnow_json_file *file, const cJSON *prompts,
                                              const char **prompt, struct minnow_error *error) {
    const char *name = NULL;
    enum minnow_status status = minnow_json_text(file, file->root, "default_prompt_name", &name, error);
    if (status || !name) return status;
    if (!cJSON_IsString(minnow_json_get(prompts, name)))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: default_prompt_name is \"%.80s\", expected a name that prompts has", file->name, name);
    return minnow_json_text(file, prompts, name, prompt, error);
}

/* The default prompt is used only where neither role has a prompt of its own name. */
static enum minnow_status read_prompts(const struct minnow_json_file *file, struct minnow_memory *memory,
                                       const char **prompts, struct minnow_error *error) {
    const cJSON *table = minnow_json_get(file->root, "prompts");
    if (table && !cJSON_IsObject(table))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: prompts is %s, expected an object", file->name,
                           minnow_json_found(table).text);
    const char *found[2] = {NULL, NULL}, *fallback = NULL;
    enum minnow_status status = find_role_prompt(file, table, MINNOW_QUERY, &found[MINNOW_QUERY], error);
    if (!status) status = find_role_prompt(file, table, MINNOW_DOCUMENT, &found[MINNOW_DOCUMENT], error);
    if (!status) status = find_default_prompt(file, table, &fallback, error);
    if (status) return status;
    if (found[MINNOW_QUERY] || found[MINNOW_DOCUMENT]) fallback = NULL;
    for (int role = 0; role < 2; role++) {
        const char *prompt = found[role] ? found[role] : fallback ? fallback : "";
        prompts[role] = minnow_memory_copy_text(memory, prompt, strlen(prompt));
        if (!prompts[role]) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for prompts", file->name);
    }
    return MINNOW_OK;
}

static enum minnow_status read_similarity(const struct minnow_json_file *file, enum minnow_similarity *similarity,
                                          struct minnow_error *error) {
    const char *name = "cosine";
    enum minnow_status status = minnow_json_text(file, file->root, "similarity_fn_name", &name, error);
    if (status) return status;
    *similarity = strcmp(name, "cosine") ? MINNOW_DOT : MINNOW_COSINE;
    if (!strcmp(name, "cosine") || !strcmp(name, "dot") || !strcmp(name, "dot_product")) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: similarity_fn_name is \"%.80s\", expected \"cosine\" or \"dot\"",
                       file->name, name);
}

/* The same folders hold rerankers and sparse encoders, which are other models. */
static enum minnow_status check_model_type(const struct minnow_json_file *file, struct minnow_error *error) {
    const char *type = "SentenceTransformer";
    enum minnow_status status = minnow_json_text(file, file->root, "model_type", &type, error);
    if (status || !strcmp(type, "SentenceTransformer")) return status;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: model_type is \"%.80s\", expected \"SentenceTransformer\"",
                       file->name, type);
}

static enum minnow_status read_file(const struct minnow_json_file *file, struct minnow_memory *memory,
                                    struct minnow_sentence_settings *settings, struct minnow_error *error) {
    if (file->root && !cJSON_IsObject(file->root))
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is %s, expected an object", file->name,
                           minnow_json_found(file->root).text);
    enum minnow_status status = check_model_type(file, error);
    if (!status) status = read_prompts(file, memory, settings->prompts, error);
    if (!status) status = read_similarity(file, &settings->similarity, error);
    if (status) return status;
    return minnow_json_u32(file, file->root, "truncate_dim", 1, MINNOW_MAX_WIDTH, &settings->truncate_dimensions,
                           error);
}

enum minnow_status minnow_prompts_read(const char *folder, struct minnow_memory *memory,
                                       struct minnow_sentence_settings *settings, struct minnow_error *error) {
    struct minnow_json_file file;
    enum minnow_status status = minnow_json_open(folder, FILE_NAME, &file, error);
    if (status) return status;
    status = read_file(&file, memory, settings, error);
    minnow_json_close(&file);
    return status;
}
