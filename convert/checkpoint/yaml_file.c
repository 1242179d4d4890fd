#include "convert/checkpoint/yaml_file.h"

#include "convert/checkpoint/text_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { YAML_LIMIT = 1 << 20 };

/* ---- The file ----------------------------------------------------------------------------- */

static enum minnow_status fail_syntax(const char *name, const yaml_parser_t *parser, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is not valid YAML at line %zu: %.100s", name,
                       parser->problem_mark.line + 1, parser->problem ? parser->problem : "unreadable");
}

static enum minnow_status parse(const char *bytes, size_t size, struct minnow_yaml_file *file,
                                struct minnow_error *error) {
    yaml_parser_t parser;
    yaml_document_t *document = calloc(1, sizeof *document);
    if (!document || !yaml_parser_initialize(&parser)) {
        free(document);
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: no memory to read it", file->name);
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, size);
    enum minnow_status status =
        yaml_parser_load(&parser, document) ? MINNOW_OK : fail_syntax(file->name, &parser, error);
    yaml_parser_delete(&parser);
    if (status)
        free(document);
    else
        file->document = document;
    return status;
}

static enum minnow_status check_mapping(const struct minnow_yaml_file *file, struct minnow_error *error) {
    yaml_node_t *root = yaml_document_get_root_node(file->document);
    if (root && root->type == YAML_MAPPING_NODE) return MINNOW_OK;
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: is no mapping, expected names and values", file->name);
}

enum minnow_status minnow_yaml_open(const char *folder, const char *name, struct minnow_yaml_file *file,
                                    struct minnow_error *error) {
    char *bytes;
    size_t size;
    *file = (struct minnow_yaml_file){.name = name};
    enum minnow_status status = minnow_text_file_read(folder, name, YAML_LIMIT, &bytes, &size, error);
    if (status || !bytes) return status;
    status = parse(bytes, size, file, error);
    free(bytes);
    if (!status) status = check_mapping(file, error);
    if (status) minnow_yaml_close(file);
    return status;
}

void minnow_yaml_close(struct minnow_yaml_file *file) {
    if (!file->document) return;
    yaml_document_delete(file->document);
    free(file->document);
    file->document = NULL;
}

/* ---- Values ------------------------------------------------------------------------------- */

static const char *plain_text(const yaml_node_t *node) {
    static const char *const absent[] = {"", "~", "null", "Null", "NULL"};
    if (!node || node->type != YAML_SCALAR_NODE) return NULL;
    const char *text = (const char *)node->data.scalar.value;
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (!strcmp(text, absent[i])) return NULL;
    return text;
}

/* The last of several equal keys counts, as in Python. */
const char *minnow_yaml_text(const struct minnow_yaml_file *file, const char *key) {
    yaml_node_t *root = file->document ? yaml_document_get_root_node(file->document) : NULL;
    const char *found = NULL;
    if (!root) return NULL;
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top; pair++) {
        const char *name = plain_text(yaml_document_get_node(file->document, pair->key));
        if (name && !strcmp(name, key)) found = plain_text(yaml_document_get_node(file->document, pair->value));
    }
    return found;
}

enum minnow_status minnow_yaml_i32(const struct minnow_yaml_file *file, const char *key, int32_t least, int32_t most,
                                   int32_t *out, struct minnow_error *error) {
    const char *text = minnow_yaml_text(file, key);
    char *end;
    if (!text) return MINNOW_OK;
    long value = strtol(text, &end, 10);
    if (*end || value < least || value > most)
        return minnow_fail(error, MINNOW_BAD_CHECKPOINT,
                           "%s: %s is \"%.80s\", expected a whole number from %" PRId32 " to %" PRId32, file->name,
                           key, text, least, most);
    *out = (int32_t)value;
    return MINNOW_OK;
}

enum minnow_status minnow_yaml_bool(const struct minnow_yaml_file *file, const char *key, bool *out,
                                    struct minnow_error *error) {
    static const char *const names[2][6] = {{"false", "False", "FALSE", "no", "off", "No"},
                                            {"true", "True", "TRUE", "yes", "on", "Yes"}};
    const char *text = minnow_yaml_text(file, key);
    if (!text) return MINNOW_OK;
    for (size_t i = 0; i < 12; i++)
        if (!strcmp(text, names[i / 6][i % 6])) {
            *out = i >= 6;
            return MINNOW_OK;
        }
    return minnow_fail(error, MINNOW_BAD_CHECKPOINT, "%s: %s is \"%.80s\", expected true or false", file->name, key,
                       text);
}
