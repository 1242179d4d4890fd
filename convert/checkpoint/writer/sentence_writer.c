/* A folder of sentence-transformers: modules.json and what it lists, for both roles, or a Router with a list for each;
 * where a small head compares two vectors, that too (compare_head.h). */
#include "convert/checkpoint/writer/chain_writer.h"
#include "convert/checkpoint/writer/layout_writers.h"

#define CLASSES "sentence_transformers.models."

static const char *const role_names[2] = {"query", "document"};

/* Lines that each add to what stands before them; NULL: out of memory. */
struct lines {
    const struct minnow_writing *writing;
    const char *text;
};

static void add_line(struct lines *lines, const char *line) {
    const char *between = lines->text && *lines->text ? ",\n" : "";
    if (!lines->text) return;
    lines->text = line ? minnow_writing_name(lines->writing, "%s%s%s", lines->text, between, line) : NULL;
}

/* ---- One list of modules -------------------------------------------------------------------- */

static enum minnow_status put_modules(const struct minnow_written_chain *chain, struct minnow_error *error) {
    const struct minnow_writing *writing = chain->writing;
    struct lines lines = {writing, ""};
    for (uint32_t i = 0; i < chain->count; i++)
        add_line(&lines, minnow_writing_name(writing,
                                             "  {\"idx\": %u, \"name\": \"%u\", \"path\": \"%s\", \"type\": \"" CLASSES
                                             "%s\"}",
                                             i, i, chain->modules[i].path, chain->modules[i].name));
    if (!lines.text) return minnow_writing_no_memory(writing, error);
    return minnow_writing_print(writing, "modules.json", error, "[\n%s\n]\n", lines.text);
}

/* ---- A list for each role ------------------------------------------------------------------- */

static const char *print_paths(const struct minnow_written_chain *chain) {
    const char *text = "";
    for (uint32_t i = 0; i < chain->count && text; i++)
        text = minnow_writing_name(chain->writing, "%s%s\"%s\"", text, i ? ", " : "", chain->modules[i].path);
    return text;
}

static enum minnow_status put_router(const struct minnow_writing *writing, const struct minnow_written_chain chains[2],
                                     struct minnow_error *error) {
    struct lines types = {writing, ""}, structure = {writing, ""};
    for (int role = MINNOW_QUERY; role <= MINNOW_DOCUMENT; role++) {
        const struct minnow_written_chain *chain = &chains[role];
        const char *paths = print_paths(chain);
        for (uint32_t i = 0; i < chain->count; i++)
            add_line(&types, minnow_writing_name(writing, "    \"%s\": \"" CLASSES "%s\"", chain->modules[i].path,
                                                 chain->modules[i].name));
        add_line(&structure, paths ? minnow_writing_name(writing, "    \"%s\": [%s]", role_names[role], paths) : NULL);
    }
    if (!types.text || !structure.text) return minnow_writing_no_memory(writing, error);
    enum minnow_status status = minnow_writing_print(
        writing, "modules.json", error,
        "[\n  {\"idx\": 0, \"name\": \"0\", \"path\": \"\", \"type\": \"" CLASSES "Router\"}\n]\n");
    if (status) return status;
    return minnow_writing_print(writing, "router_config.json", error,
                                "{\n  \"types\": {\n%s\n  },\n  \"structure\": {\n%s\n  },\n"
                                "  \"parameters\": {\"default_route\": \"document\", \"allow_empty_key\": true}\n}\n",
                                types.text, structure.text);
}

static enum minnow_status write_chain(struct minnow_writing *writing, enum minnow_role first, enum minnow_role last,
                                      const char *before, struct minnow_written_chain *chain,
                                      struct minnow_error *error) {
    const struct minnow_contents *contents = writing->contents;
    *chain = (struct minnow_written_chain){
        .writing = writing,
        .first_role = first,
        .last_role = last,
        .before = before,
        .cursor = {.contents = contents, .route = contents->route_of_role[first], .layout = writing->layout}};
    return minnow_chain_write(chain, error);
}

static enum minnow_status write_routes(struct minnow_writing *writing, struct minnow_error *error) {
    const uint32_t *routes = writing->contents->route_of_role;
    struct minnow_written_chain chains[2];
    enum minnow_status status;
    if (routes[MINNOW_QUERY] == routes[MINNOW_DOCUMENT]) {
        status = write_chain(writing, MINNOW_QUERY, MINNOW_DOCUMENT, "", &chains[0], error);
        return status ? status : put_modules(&chains[0], error);
    }
    status = write_chain(writing, MINNOW_QUERY, MINNOW_QUERY, "query_", &chains[MINNOW_QUERY], error);
    if (!status)
        status = write_chain(writing, MINNOW_DOCUMENT, MINNOW_DOCUMENT, "document_", &chains[MINNOW_DOCUMENT], error);
    return status ? status : put_router(writing, chains, error);
}

/* ---- What stands beside --------------------------------------------------------------------- */

static enum minnow_status put_settings(const struct minnow_writing *writing, struct minnow_error *error) {
    const struct minnow_contents *contents = writing->contents;
    const char *query = minnow_writing_quote(writing, contents->inputs[MINNOW_QUERY].prompt);
    const char *document = minnow_writing_quote(writing, contents->inputs[MINNOW_DOCUMENT].prompt);
    if (!query || !document) return minnow_writing_no_memory(writing, error);
    return minnow_writing_print(writing, "config_sentence_transformers.json", error,
                                "{\n  \"model_type\": \"SentenceTransformer\",\n"
                                "  \"prompts\": {\n    \"query\": %s,\n    \"document\": %s\n  },\n"
                                "  \"default_prompt_name\": null,\n  \"similarity_fn_name\": \"%s\"\n}\n",
                                query, document, contents->similarity == MINNOW_DOT ? "dot" : "cosine");
}

static enum minnow_status write_compare_head(const struct minnow_writing *writing, struct minnow_error *error) {
    struct minnow_layer_cursor cursor = {
        .contents = writing->contents, .route = writing->contents->joint_route, .layout = writing->layout};
    struct minnow_tensor_list list = {.memory = writing->memory};
    const struct minnow_linear *hidden = NULL, *output = NULL;
    const struct minnow_layer *layer;
    enum minnow_status status = minnow_cursor_take(&cursor, MINNOW_LAYER_COMPARE, &layer, error);
    if (!status) status = minnow_cursor_take_dense(&cursor, MINNOW_RELU, 1, &hidden, error);
    if (!status) status = minnow_cursor_take_dense(&cursor, MINNOW_IDENTITY, 1, &output, error);
    if (!status) status = minnow_cursor_end(&cursor, error);
    if (status) return status;
    minnow_tensor_list_add_linear(&list, "hidden", hidden);
    minnow_tensor_list_add_linear(&list, "output", output);
    status = minnow_writing_put_tensors(writing, "minnow_head", &list, error);
    if (status) return status;
    return minnow_writing_print(writing, "minnow_head/config.json", error,
                                "{\n  \"type\": \"compare\",\n  \"hidden\": %u\n}\n", hidden->outputs);
}

enum minnow_status minnow_sentence_write(struct minnow_writing *writing, struct minnow_error *error) {
    enum minnow_status status = write_routes(writing, error);
    if (!status) status = put_settings(writing, error);
    if (status || writing->contents->similarity != MINNOW_JOINT) return status;
    return write_compare_head(writing, error);
}
