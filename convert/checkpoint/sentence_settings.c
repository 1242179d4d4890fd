#include "convert/checkpoint/sentence_settings.h"

#include "convert/checkpoint/json_file.h"
#include "convert/checkpoint/prompts.h"
#include "convert/checkpoint/text_file.h"
#include "runtime/model/model.h"

#include <string.h>

enum { SHORTEST = 3 }; /* cls, one token, sep */

/* Every name sentence-transformers has given this file; the first that is there counts. */
static const char *const file_names[] = {
    "sentence_bert_config.json",      "sentence_roberta_config.json", "sentence_distilbert_config.json",
    "sentence_camembert_config.json", "sentence_albert_config.json",  "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
};

static enum minnow_status fail_value(const struct minnow_json_file *file, const char *key, const cJSON *found,
                                     const char *expected, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s is %s, expected %s", file->name, key,
                       minnow_json_found(found).text, expected);
}

/* Settings that would change what the encoder sees or gives, and that Minnow has no counterpart of. */
static enum minnow_status check_absent(const struct minnow_json_file *file, struct minnow_error *error) {
    static const char *const keys[] = {"processing_kwargs", "config_args",     "config_kwargs",
                                       "query_length",      "document_length", "query_expansion"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const cJSON *value = minnow_json_get(file->root, keys[i]);
        if (value && !(cJSON_IsObject(value) && !value->child))
            return fail_value(file, keys[i], value, "it to be absent", error);
    }
    return MINNOW_OK;
}

/* A text that, if there, must be the one expected. */
static enum minnow_status check_text(const struct minnow_json_file *file, const cJSON *object, const char *key,
                                     const char *expected, struct minnow_error *error) {
    const char *found = expected;
    enum minnow_status status = minnow_json_text(file, object, key, &found, error);
    if (status || !strcmp(found, expected)) return status;
    return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s is \"%.80s\", expected \"%s\"", file->name, key, found,
                       expected);
}

static enum minnow_status check_task(const struct minnow_json_file *file, struct minnow_error *error) {
    const cJSON *text = minnow_json_get(minnow_json_get(file->root, "modality_config"), "text");
    enum minnow_status status = check_text(file, file->root, "transformer_task", "feature-extraction", error);
    if (!status) status = check_text(file, file->root, "module_output_name", "token_embeddings", error);
    return status ? status : check_text(file, text, "method_output_name", "last_hidden_state", error);
}

/* Arguments for the tokenizer, under their old or new name: model_max_length goes before max_seq_length. */
static enum minnow_status read_tokenizer_arguments(const struct minnow_json_file *file, const char *key,
                                                   uint32_t *max_tokens, struct minnow_error *error) {
    static const char *const harmless[] = {"model_max_length", "trust_remote_code", "use_fast"};
    const cJSON *arguments = minnow_json_get(file->root, key);
    if (!arguments) return MINNOW_OK;
    if (!cJSON_IsObject(arguments)) return fail_value(file, key, arguments, "an object", error);
    for (const cJSON *argument = arguments->child; argument; argument = argument->next) {
        bool known = false;
        for (size_t i = 0; i < 3; i++) known |= !strcmp(argument->string, harmless[i]);
        if (!known)
            return minnow_fail(error, MINNOW_UNSUPPORTED, "%s: %s has \"%.80s\", expected model_max_length alone",
                               file->name, key, argument->string);
    }
    return minnow_json_u32(file, arguments, "model_max_length", SHORTEST, UINT32_MAX, max_tokens, error);
}

static enum minnow_status read_sentence_file(const struct minnow_json_file *file,
                                             struct minnow_sentence_settings *settings, struct minnow_error *error) {
    if (!cJSON_IsObject(file->root)) return fail_value(file, "the file", file->root, "an object", error);
    enum minnow_status status =
        minnow_json_u32(file, file->root, "max_seq_length", SHORTEST, UINT32_MAX, &settings->max_tokens, error);
    if (!status) status = minnow_json_bool(file, file->root, "do_lower_case", &settings->lowercase, error);
    if (!status) status = read_tokenizer_arguments(file, "tokenizer_args", &settings->max_tokens, error);
    if (!status) status = read_tokenizer_arguments(file, "processor_kwargs", &settings->max_tokens, error);
    if (!status) status = check_absent(file, error);
    return status ? status : check_task(file, error);
}

static enum minnow_status open_sentence_file(const char *folder, const char *subfolder, struct minnow_memory *memory,
                                             struct minnow_json_file *file, struct minnow_error *error) {
    *file = (struct minnow_json_file){0};
    enum minnow_status status = MINNOW_OK;
    for (size_t i = 0; i < sizeof file_names / sizeof *file_names && !status && !file->root; i++) {
        const char *name = minnow_join_name(memory, subfolder, file_names[i]);
        if (!name) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory for its name", file_names[i]);
        status = minnow_json_open(folder, name, file, error);
    }
    return status;
}

/* transformers writes 1e30 for "no limit", so whatever is no sane length counts as silence. */
enum minnow_status minnow_tokenizer_limit_read(const char *folder, const char *subfolder, struct minnow_memory *memory,
                                               uint32_t *max_tokens, struct minnow_error *error) {
    const char *name = minnow_join_name(memory, subfolder, "tokenizer_config.json");
    if (!name) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "tokenizer_config.json: no memory for its name");
    struct minnow_json_file file;
    enum minnow_status status = minnow_json_open(folder, name, &file, error);
    if (status) return status;
    uint64_t length;
    if (minnow_json_is_integer(minnow_json_get(file.root, "model_max_length"), &length) && length >= SHORTEST &&
        length <= UINT32_MAX)
        *max_tokens = (uint32_t)length;
    minnow_json_close(&file);
    return MINNOW_OK;
}

enum minnow_status minnow_similarity_parse(const char *name, enum minnow_similarity *similarity,
                                           struct minnow_error *error) {
    *similarity = strcmp(name, "dot") ? MINNOW_COSINE : MINNOW_DOT;
    if (!strcmp(name, "dot") || !strcmp(name, "cosine")) return MINNOW_OK;
    return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "similarity is \"%.80s\", expected cosine or dot", name);
}

enum minnow_status minnow_truncation_check(const struct minnow_sentence_settings *settings, uint32_t width,
                                           struct minnow_error *error) {
    uint32_t cut = settings->truncate_dimensions;
    if (!cut || cut >= width) return MINNOW_OK;
    return minnow_fail(error, MINNOW_UNSUPPORTED,
                       "config_sentence_transformers.json: truncate_dim is %u, expected null or at least %u: cut "
                       "vectors are not supported",
                       cut, width);
}

enum minnow_status minnow_sentence_settings_read(const char *folder, const char *subfolder,
                                                 struct minnow_memory *memory,
                                                 struct minnow_sentence_settings *settings,
                                                 struct minnow_error *error) {
    *settings = (struct minnow_sentence_settings){0};
    enum minnow_status status = minnow_prompts_read(folder, memory, settings, error);
    struct minnow_json_file file = {0};
    if (!status) status = open_sentence_file(folder, subfolder, memory, &file, error);
    if (!status && file.root) status = read_sentence_file(&file, settings, error);
    minnow_json_close(&file);
    if (!status && !settings->max_tokens)
        status = minnow_tokenizer_limit_read(folder, subfolder, memory, &settings->max_tokens, error);
    return status;
}
