#include "convert/pairs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/json_line.h"
#include "runtime/error.h"

struct minnow_pairs {
    FILE *file;
    const char *name;
    char *line;
    size_t capacity;
    uint64_t number; /* of the line */
    struct minnow_json_line json;
    struct minnow_text *documents;
    size_t document_capacity;
};

enum minnow_status minnow_pairs_open(const char *path, struct minnow_pairs **pairs, struct minnow_error *error) {
    struct minnow_pairs *opened = calloc(1, sizeof *opened);
    if (!opened) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "pairs");
    bool standard = strcmp(path, "-") == 0;
    opened->name = standard ? "standard input" : path;
    opened->file = standard ? stdin : fopen(path, "rb");
    if (!opened->file) {
        free(opened);
        return minnow_fail(error, MINNOW_IO, "%.300s: %s", path, strerror(errno));
    }
    *pairs = opened;
    return MINNOW_OK;
}

void minnow_pairs_close(struct minnow_pairs *pairs) {
    if (!pairs) return;
    if (pairs->file != stdin) fclose(pairs->file);
    minnow_json_line_free(&pairs->json);
    free(pairs->documents);
    free(pairs->line);
    free(pairs);
}

static enum minnow_status fail_line(const struct minnow_pairs *pairs, const char *what, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_BAD_INPUT,
                       "%.200s: line %llu: %s, expected {\"query\": \"..\", \"documents\": [\"..\"]} or query TAB "
                       "document",
                       pairs->name, (unsigned long long)pairs->number, what);
}

static bool make_room(struct minnow_pairs *pairs, size_t count) {
    if (count <= pairs->document_capacity) return true;
    struct minnow_text *more = realloc(pairs->documents, count * sizeof *more);
    if (!more) return false;
    pairs->documents = more;
    pairs->document_capacity = count;
    return true;
}

static enum minnow_status read_documents(struct minnow_pairs *pairs, const cJSON *list, struct minnow_pairs_line *out,
                                         struct minnow_error *error) {
    size_t count = (size_t)cJSON_GetArraySize(list);
    if (!make_room(pairs, count)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu documents", count);
    out->count = 0;
    for (cJSON *item = list->child; item; item = item->next) {
        if (!cJSON_IsString(item)) return fail_line(pairs, "a document is not a string", error);
        pairs->documents[out->count++] = minnow_json_line_text(&pairs->json, item);
    }
    out->documents = pairs->documents;
    return MINNOW_OK;
}

static enum minnow_status read_json(struct minnow_pairs *pairs, size_t size, struct minnow_pairs_line *out,
                                    struct minnow_error *error) {
    const char *reason;
    if (!minnow_json_line_parse(pairs->line, size, &pairs->json, &reason)) return fail_line(pairs, reason, error);
    cJSON *query = cJSON_GetObjectItemCaseSensitive(pairs->json.root, "query");
    cJSON *documents = cJSON_GetObjectItemCaseSensitive(pairs->json.root, "documents");
    if (!cJSON_IsString(query)) return fail_line(pairs, "\"query\" is missing or no string", error);
    if (!cJSON_IsArray(documents)) return fail_line(pairs, "\"documents\" is missing or no array", error);
    out->json = true;
    out->query = minnow_json_line_text(&pairs->json, query);
    return read_documents(pairs, documents, out, error);
}

static enum minnow_status read_tab(struct minnow_pairs *pairs, size_t size, struct minnow_pairs_line *out,
                                   struct minnow_error *error) {
    const char *tab = memchr(pairs->line, '\t', size);
    if (!tab) return fail_line(pairs, "no TAB", error);
    if (!make_room(pairs, 1)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a document");
    size_t query = (size_t)(tab - pairs->line);
    out->json = false;
    out->query = (struct minnow_text){pairs->line, query};
    pairs->documents[0] = (struct minnow_text){tab + 1, size - query - 1};
    out->documents = pairs->documents;
    out->count = 1;
    return MINNOW_OK;
}

/* The line without its end; false at the end of the file. */
static bool next_line(struct minnow_pairs *pairs, size_t *size) {
    ssize_t read = getline(&pairs->line, &pairs->capacity, pairs->file);
    if (read < 0) return false;
    *size = (size_t)read;
    if (*size && pairs->line[*size - 1] == '\n') --*size;
    if (*size && pairs->line[*size - 1] == '\r') --*size;
    pairs->line[*size] = 0;
    pairs->number++;
    return true;
}

enum minnow_status minnow_pairs_next(struct minnow_pairs *pairs, struct minnow_pairs_line *line, bool *end,
                                     struct minnow_error *error) {
    size_t size, blank;
    minnow_json_line_free(&pairs->json);
    pairs->json = (struct minnow_json_line){0};
    do {
        if (!next_line(pairs, &size)) {
            *end = true;
            return ferror(pairs->file) ? minnow_fail(error, MINNOW_IO, "%.300s: %s", pairs->name, strerror(errno))
                                       : MINNOW_OK;
        }
        blank = strspn(pairs->line, " \t\r");
    } while (blank == size);
    *end = false;
    return pairs->line[blank] == '{' ? read_json(pairs, size, line, error) : read_tab(pairs, size, line, error);
}
