#include "convert/checkpoint/yaml_file.h"

#include "convert/checkpoint/text_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { YAML_LIMIT = 1 << 20, MOST_ENTRIES = 4096, DEEPEST = 32 };

/* Keys of the outermost mapping, and those values that are plain. */
struct entry {
    char *key, *value; /* value NULL: a list or a mapping */
};

struct minnow_yaml_entries {
    size_t count;
    struct entry list[MOST_ENTRIES];
};

/* ---- The file ----------------------------------------------------------------------------- */

struct reader {
    const char *name;
    struct minnow_yaml_entries *entries;
    struct minnow_error *error;
    size_t depth; /* of lists and mappings that are open */
    bool at_value;
};

static enum minnow_status damaged(const struct reader *reader, const yaml_mark_t *mark, const char *what) {
    return minnow_fail(reader->error, MINNOW_BAD_CHECKPOINT, "%s: line %zu: %s, expected names and plain values",
                       reader->name, mark->line + 1, what);
}

static enum minnow_status no_memory(const struct reader *reader) {
    return minnow_fail(reader->error, MINNOW_OUT_OF_MEMORY, "%s: no memory to read it", reader->name);
}

/* What stands in the outermost mapping is a key and a value in turn; text NULL: a list or a mapping. */
static enum minnow_status put(struct reader *reader, const char *text, const yaml_mark_t *mark) {
    struct minnow_yaml_entries *entries = reader->entries;
    bool at_value = reader->at_value;
    reader->at_value = !at_value;
    if (!at_value && entries->count == MOST_ENTRIES) return damaged(reader, mark, "too many entries");
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) return no_memory(reader);
    if (at_value)
        entries->list[entries->count - 1].value = copy;
    else
        entries->list[entries->count++].key = copy;
    return MINNOW_OK;
}

/* Deeper ones would cost the parser a time that grows with their square. */
static enum minnow_status begin(struct reader *reader, bool mapping, const yaml_mark_t *mark) {
    enum minnow_status status = MINNOW_OK;
    if (reader->depth == 0 && !mapping) return damaged(reader, mark, "a list");
    if (reader->depth == DEEPEST) return damaged(reader, mark, "lists or mappings nested too deep");
    if (reader->depth == 1) status = put(reader, NULL, mark);
    reader->depth++;
    return status;
}

static enum minnow_status take_event(struct reader *reader, const yaml_event_t *event) {
    const yaml_mark_t *mark = &event->start_mark;
    switch (event->type) {
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return begin(reader, event->type == YAML_MAPPING_START_EVENT, mark);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        reader->depth--;
        return MINNOW_OK;
    case YAML_SCALAR_EVENT:
        if (reader->depth == 0) return damaged(reader, mark, "a value alone");
        return reader->depth == 1 ? put(reader, (const char *)event->data.scalar.value, mark) : MINNOW_OK;
    case YAML_ALIAS_EVENT:
        return reader->depth == 1 ? put(reader, NULL, mark) : MINNOW_OK;
    default:
        return MINNOW_OK;
    }
}

static enum minnow_status read_events(struct reader *reader, yaml_parser_t *parser) {
    enum minnow_status status = MINNOW_OK;
    for (bool ended = false; !ended && !status;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return minnow_fail(reader->error, MINNOW_BAD_CHECKPOINT, "%s: is not valid YAML at line %zu: %.100s",
                               reader->name, parser->problem_mark.line + 1,
                               parser->problem ? parser->problem : "unreadable");
        ended = event.type == YAML_DOCUMENT_END_EVENT || event.type == YAML_STREAM_END_EVENT;
        status = take_event(reader, &event);
        yaml_event_delete(&event);
    }
    return status;
}

static enum minnow_status parse(struct reader *reader, const char *bytes, size_t size) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) return no_memory(reader);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, size);
    enum minnow_status status = read_events(reader, &parser);
    yaml_parser_delete(&parser);
    return status;
}

enum minnow_status minnow_yaml_open(const char *folder, const char *name, struct minnow_yaml_file *file,
                                    struct minnow_error *error) {
    char *bytes;
    size_t size;
    *file = (struct minnow_yaml_file){.name = name};
    enum minnow_status status = minnow_text_file_read(folder, name, YAML_LIMIT, &bytes, &size, error);
    if (status || !bytes) return status;
    struct reader reader = {.name = name, .entries = calloc(1, sizeof(struct minnow_yaml_entries)), .error = error};
    file->entries = reader.entries;
    status = reader.entries ? parse(&reader, bytes, size) : no_memory(&reader);
    free(bytes);
    if (status) minnow_yaml_close(file);
    return status;
}

void minnow_yaml_close(struct minnow_yaml_file *file) {
    for (size_t i = 0; file->entries && i < file->entries->count; i++) {
        free(file->entries->list[i].key);
        free(file->entries->list[i].value);
    }
    free(file->entries);
    file->entries = NULL;
}

/* ---- Values ------------------------------------------------------------------------------- */

static bool is_absent(const char *value) {
    static const char *const absent[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        if (!strcmp(value, absent[i])) return true;
    return false;
}

/* The last of several equal keys counts, as in Python. */
const char *minnow_yaml_text(const struct minnow_yaml_file *file, const char *key) {
    const char *found = NULL;
    for (size_t i = 0; file->entries && i < file->entries->count; i++) {
        const struct entry *entry = &file->entries->list[i];
        if (entry->key && !strcmp(entry->key, key)) found = entry->value;
    }
    return found && !is_absent(found) ? found : NULL;
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
