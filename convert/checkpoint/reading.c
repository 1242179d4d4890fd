#include "convert/checkpoint/reading.h"

#include "convert/checkpoint/fingerprint.h"
#include "convert/checkpoint/text_file.h"
#include "convert/checkpoint/tokenizer_files.h"

#include <string.h>
#include <unistd.h>

enum { FIRST_ROOM = 16 };

enum minnow_status minnow_reading_no_memory(const struct minnow_reading *reading, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%.200s: no memory to read it", reading->folder);
}

/* ---- What a folder is told by -------------------------------------------------------------- */

bool minnow_reading_has_file(const struct minnow_reading *reading, const char *name) {
    char path[MINNOW_PATH_BYTES];
    return !minnow_join_path(reading->folder, name, path, NULL) && !access(path, F_OK);
}

const char *minnow_reading_class(const struct minnow_reading *reading) {
    const cJSON *names = minnow_json_get(reading->config.root, "architectures");
    const cJSON *first = cJSON_IsArray(names) ? names->child : NULL;
    return cJSON_IsString(first) ? first->valuestring : "";
}

/* ---- Layers -------------------------------------------------------------------------------- */

static enum minnow_status make_room(const struct minnow_reading *reading, struct minnow_layer_list *list,
                                    struct minnow_error *error) {
    uint32_t room = list->room ? 2 * list->room : FIRST_ROOM;
    struct minnow_layer *layers = minnow_memory_take(reading->memory, room * sizeof *layers);
    if (!layers) return minnow_reading_no_memory(reading, error);
    if (list->count) memcpy(layers, list->layers, list->count * sizeof *layers);
    list->layers = layers;
    list->room = room;
    return MINNOW_OK;
}

enum minnow_status minnow_reading_add_layer(const struct minnow_reading *reading, struct minnow_layer_list *list,
                                            enum minnow_layer_kind kind, struct minnow_layer **layer,
                                            struct minnow_error *error) {
    enum minnow_status status = list->count < list->room ? MINNOW_OK : make_room(reading, list, error);
    if (status) return status;
    *layer = &list->layers[list->count++];
    (*layer)->kind = kind;
    return MINNOW_OK;
}

enum minnow_status minnow_reading_add_route(struct minnow_reading *reading, const struct minnow_layer_list *list,
                                            uint32_t max_tokens, uint32_t *index, struct minnow_error *error) {
    struct minnow_contents *contents = reading->contents;
    if (!reading->routes)
        reading->routes = minnow_memory_take(reading->memory, MINNOW_MAX_ROUTES * sizeof *reading->routes);
    if (!reading->routes) return minnow_reading_no_memory(reading, error);
    *index = contents->route_count++;
    contents->routes = reading->routes;
    reading->layers[*index] = list->layers;
    reading->routes[*index] = (struct minnow_route){.layers = list->layers,
                                                    .layer_count = list->count,
                                                    .max_tokens = max_tokens,
                                                    .dimensions = list->width};
    return MINNOW_OK;
}

enum minnow_status minnow_reading_open_tensors(struct minnow_reading *reading, const char *subfolder,
                                               struct minnow_tensor_source *source, struct minnow_error *error) {
    enum minnow_status status = minnow_tensor_source_open(reading->folder, subfolder, source, error);
    if (!status) minnow_fingerprint_add_source(&reading->weights, source);
    return status;
}

/* ---- Inputs -------------------------------------------------------------------------------- */

enum minnow_status minnow_reading_add_tokenizer_by(struct minnow_reading *reading, minnow_tokenizer_reader_fn *read,
                                                   const char *folder, const char *subfolder, uint32_t *index,
                                                   struct minnow_error *error) {
    struct minnow_contents *contents = reading->contents;
    char path[MINNOW_PATH_BYTES];
    enum minnow_status status = minnow_join_path(folder, subfolder, path, error);
    *index = contents->tokenizer_count;
    if (!status) status = read(path, reading->memory, &contents->tokenizers[*index], error);
    if (!status) contents->tokenizer_count++;
    return status;
}

enum minnow_status minnow_reading_add_tokenizer(struct minnow_reading *reading, const char *folder,
                                                const char *subfolder, uint32_t *index, struct minnow_error *error) {
    return minnow_reading_add_tokenizer_by(reading, minnow_tokenizer_read, folder, subfolder, index, error);
}

enum minnow_status minnow_reading_check_vocabulary(const struct minnow_tokenizer *tokenizer, uint32_t rows,
                                                   const char *file, struct minnow_error *error) {
    if (tokenizer->vocabulary <= rows) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: vocab_size is %u, expected at least %u, the tokenizer's",
                       file, rows, tokenizer->vocabulary);
}

enum minnow_status minnow_reading_find_token(const struct minnow_reading *reading, uint32_t tokenizer, const char *text,
                                             uint32_t *id, struct minnow_error *error) {
    *id = minnow_tokenizer_find(&reading->contents->tokenizers[tokenizer], text, strlen(text));
    if (*id != MINNOW_NO_TOKEN) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "the vocabulary has no %.80s, expected the token", text);
}

enum minnow_status minnow_reading_set_bare_input(struct minnow_reading *reading, enum minnow_role role,
                                                 uint32_t tokenizer, const char *prompt, uint32_t max_tokens,
                                                 struct minnow_error *error) {
    const struct minnow_checkpoint_options *options = reading->options;
    const char *asked = role == MINNOW_QUERY ? options->query_prompt : options->document_prompt;
    if (asked) prompt = asked;
    const char *copy = minnow_memory_copy_text(reading->memory, prompt, strlen(prompt));
    if (!copy) return minnow_reading_no_memory(reading, error);
    reading->contents->inputs[role] = (struct minnow_input){
        .tokenizer = tokenizer, .prompt = copy, .max_tokens = max_tokens, .trailing = MINNOW_NO_TOKEN};
    return MINNOW_OK;
}

enum minnow_status minnow_reading_set_input(struct minnow_reading *reading, enum minnow_role role, uint32_t tokenizer,
                                            const char *prompt, uint32_t max_tokens, struct minnow_error *error) {
    const struct minnow_tokenizer *tables = &reading->contents->tokenizers[tokenizer];
    struct minnow_input *input = &reading->contents->inputs[role];
    enum minnow_status status =
        minnow_reading_set_bare_input(reading, role, tokenizer, prompt, max_tokens, error);
    if (status) return status;
    if (tables->cls_id == MINNOW_NO_TOKEN || tables->sep_id == MINNOW_NO_TOKEN)
        return minnow_fail(error, MINNOW_UNSUPPORTED,
                           "tokenizer.json: post_processor: found nothing, expected [CLS] A [SEP]");
    input->leading[0] = tables->cls_id;
    input->leading_count = 1;
    input->trailing = tables->sep_id;
    return MINNOW_OK;
}

static uint32_t asked_length(const struct minnow_checkpoint_options *options, enum minnow_role role) {
    uint32_t of_role = role == MINNOW_QUERY ? options->query_length : options->document_length;
    return of_role ? of_role : options->max_tokens;
}

enum minnow_status minnow_reading_choose_length(const struct minnow_reading *reading, enum minnow_role role,
                                                uint32_t told, uint32_t most, const char *file, uint32_t *length,
                                                struct minnow_error *error) {
    static const char *const names[] = {"a query's", "a document's"};
    uint32_t asked = asked_length(reading->options, role);
    if (most > MINNOW_MAX_TOKENS) most = MINNOW_MAX_TOKENS;
    if (most < 3)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: its positions leave %u for %s tokens, expected 3 or more",
                           file, most, names[role]);
    if (asked && (asked < 3 || asked > most))
        return minnow_fail(error, MINNOW_INVALID_ARGUMENT, "%s length is %u, expected 3 to %u, by the positions of %s",
                           names[role], asked, most, file);
    *length = asked ? asked : told && told < most ? told : most;
    return MINNOW_OK;
}

enum minnow_status minnow_reading_share_route(struct minnow_reading *reading, const struct minnow_layer_list *list,
                                              struct minnow_error *error) {
    struct minnow_contents *contents = reading->contents;
    uint32_t query = contents->inputs[MINNOW_QUERY].max_tokens, route = 0;
    uint32_t document = contents->inputs[MINNOW_DOCUMENT].max_tokens;
    enum minnow_status status =
        minnow_reading_add_route(reading, list, query > document ? query : document, &route, error);
    contents->route_of_role[MINNOW_QUERY] = contents->route_of_role[MINNOW_DOCUMENT] = route;
    return status;
}
