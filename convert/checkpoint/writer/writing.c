#include "convert/checkpoint/writer/writing.h"

#include "convert/checkpoint/kept_options.h"
#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/writer/tokenizer_words_writer.h"
#include "convert/distill/vocabulary/tokenizer_writer.h"
#include "convert/output_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum minnow_status minnow_writing_no_memory(const struct minnow_writing *writing, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%.200s: no memory to write it", writing->folder);
}

/* ---- Texts --------------------------------------------------------------------------------- */

const char *minnow_writing_quote(const struct minnow_writing *writing, const char *text) {
    cJSON *string = cJSON_CreateString(text);
    char *printed = string ? cJSON_PrintUnformatted(string) : NULL;
    const char *copy = printed ? minnow_memory_copy_text(writing->memory, printed, strlen(printed)) : NULL;
    cJSON_free(printed);
    cJSON_Delete(string);
    return copy;
}

const char *minnow_writing_name(const struct minnow_writing *writing, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    char *name = size < 0 ? NULL : minnow_memory_take(writing->memory, (size_t)size + 1);
    if (name) vsnprintf(name, (size_t)size + 1, format, again);
    va_end(again);
    va_end(arguments);
    return name;
}

/* ---- Files --------------------------------------------------------------------------------- */

static enum minnow_status make_folders(char *path, size_t from, struct minnow_error *error) {
    for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        int failed = mkdir(path, 0777) && errno != EEXIST ? errno : 0;
        if (failed) return minnow_fail(error, MINNOW_IO, "%.300s: %s", path, strerror(failed));
        *slash = '/';
    }
    return MINNOW_OK;
}

/* path[MINNOW_PATH_BYTES] */
static enum minnow_status make_path(const struct minnow_writing *writing, const char *name, char *path,
                                    struct minnow_error *error) {
    enum minnow_status status = minnow_join_path(writing->folder, name, path, error);
    return status ? status : make_folders(path, strlen(writing->folder) + 1, error);
}

enum minnow_status minnow_writing_print(const struct minnow_writing *writing, const char *name,
                                        struct minnow_error *error, const char *format, ...) {
    struct minnow_output_file *file;
    char path[MINNOW_PATH_BYTES];
    enum minnow_status status = make_path(writing, name, path, error);
    if (!status) status = minnow_output_file_open(path, &file, error);
    if (status) return status;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(minnow_output_file_stream(file), format, arguments);
    va_end(arguments);
    return minnow_output_file_commit(file, error);
}

enum minnow_status minnow_writing_put_tensor_file(const struct minnow_writing *writing, const char *subfolder,
                                                  const char *name, const struct minnow_tensor_list *list,
                                                  struct minnow_error *error) {
    char path[MINNOW_PATH_BYTES];
    const char *joined = minnow_join_name(writing->memory, subfolder, name);
    if (!joined) return minnow_writing_no_memory(writing, error);
    enum minnow_status status = make_path(writing, joined, path, error);
    return status ? status : minnow_tensor_list_write(list, path, error);
}

enum minnow_status minnow_writing_put_tensors(const struct minnow_writing *writing, const char *subfolder,
                                              const struct minnow_tensor_list *list, struct minnow_error *error) {
    return minnow_writing_put_tensor_file(writing, subfolder, "model.safetensors", list, error);
}

enum minnow_status minnow_writing_put_tokenizer(const struct minnow_writing *writing, const char *subfolder,
                                                enum minnow_role role, uint32_t longest, struct minnow_error *error) {
    const struct minnow_tokenizer *tokenizer = minnow_tokenizer_of(writing->contents, role);
    char path[MINNOW_PATH_BYTES];
    const char *inside = minnow_writing_name(writing, "%s%s", subfolder, *subfolder ? "/" : "");
    if (!inside) return minnow_writing_no_memory(writing, error);
    enum minnow_status status = make_path(writing, inside, path, error);
    if (status) return status;
    if (tokenizer->kind == MINNOW_TOKENIZER_WORDPIECE) return minnow_tokenizer_write(path, tokenizer, longest, error);
    return minnow_tokenizer_write_words(path, tokenizer, error);
}

/* ---- What is kept beside the layout -------------------------------------------------------- */

void minnow_writing_tell_length(struct minnow_writing *writing, enum minnow_role role, uint32_t said) {
    uint32_t length = writing->contents->inputs[role].max_tokens;
    uint32_t *told = role == MINNOW_QUERY ? &writing->told.query_length : &writing->told.document_length;
    if (length != said) *told = length;
}

void minnow_writing_tell_prompts(struct minnow_writing *writing) {
    writing->told.query_prompt = writing->contents->inputs[MINNOW_QUERY].prompt;
    writing->told.document_prompt = writing->contents->inputs[MINNOW_DOCUMENT].prompt;
}

struct told_lines {
    const struct minnow_writing *writing;
    const char *text; /* NULL: out of memory */
};

static void tell_number(struct told_lines *lines, const char *key, uint32_t number) {
    if (number && lines->text)
        lines->text = minnow_writing_name(lines->writing, "%s,\n  \"%s\": %u", lines->text, key, number);
}

static void tell_text(struct told_lines *lines, const char *key, const char *text) {
    if (!text || !*text || !lines->text) return;
    const char *quoted = minnow_writing_quote(lines->writing, text);
    lines->text = quoted ? minnow_writing_name(lines->writing, "%s,\n  \"%s\": %s", lines->text, key, quoted) : NULL;
}

enum minnow_status minnow_writing_put_told(const struct minnow_writing *writing, struct minnow_error *error) {
    const struct minnow_checkpoint_options *told = &writing->told;
    struct told_lines lines = {writing, ""};
    tell_text(&lines, "query_prompt", told->query_prompt);
    tell_text(&lines, "document_prompt", told->document_prompt);
    tell_text(&lines, "mask_tokens", told->mask_tokens);
    tell_number(&lines, "join_layer", told->join_layer);
    tell_number(&lines, "query_length", told->query_length);
    tell_number(&lines, "document_length", told->document_length);
    if (!lines.text) return minnow_writing_no_memory(writing, error);
    return minnow_writing_print(writing, MINNOW_KEPT_OPTIONS_FILE, error, "{\n  \"written_by\": \"minnow %s\"%s\n}\n",
                                minnow_version(), lines.text);
}
