#include "convert/distill/data/training_pairs.h"

#include "convert/json_line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const char *path;
    struct minnow_training_pairs *pairs;
    FILE *file;
    char *line;
    size_t room;
    uint64_t number; /* of the line */
};

static enum minnow_status fail_line(const struct reading *reading, const char *found, struct minnow_error *error) {
    return minnow_fail(error, MINNOW_BAD_INPUT,
                       "%.300s:%" PRIu64 ": %s; expected an object with the strings \"query\" and \"passage\"",
                       reading->path, reading->number, found);
}

static bool make_room(struct minnow_training_pairs *pairs) {
    if (pairs->count < pairs->capacity) return true;
    size_t capacity = pairs->capacity ? pairs->capacity * 2 : 1024;
    struct minnow_training_pair *items = realloc(pairs->items, capacity * sizeof *items);
    if (!items) return false;
    pairs->items = items;
    pairs->capacity = capacity;
    return true;
}

enum minnow_status minnow_training_pairs_add(struct minnow_training_pairs *pairs, struct minnow_training_pair pair,
                                             struct minnow_error *error) {
    if (!make_room(pairs)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu pairs", pairs->count);
    pairs->items[pairs->count++] = pair;
    return MINNOW_OK;
}

static enum minnow_status take_pair(struct reading *reading, const struct minnow_json_line *json,
                                    struct minnow_error *error) {
    struct minnow_training_pairs *pairs = reading->pairs;
    struct minnow_training_pair pair;
    cJSON *query = cJSON_GetObjectItemCaseSensitive(json->root, "query");
    cJSON *passage = cJSON_GetObjectItemCaseSensitive(json->root, "passage");
    if (!cJSON_IsString(query)) return fail_line(reading, "\"query\" is missing or no string", error);
    if (!cJSON_IsString(passage)) return fail_line(reading, "\"passage\" is missing or no string", error);
    enum minnow_status status =
        minnow_text_set_add(&pairs->queries, minnow_json_line_text(json, query), &pair.query, error);
    if (!status)
        status = minnow_text_set_add(&pairs->passages, minnow_json_line_text(json, passage), &pair.passage, error);
    return status ? status : minnow_training_pairs_add(pairs, pair, error);
}

static enum minnow_status take_line(struct reading *reading, size_t size, struct minnow_error *error) {
    struct minnow_json_line json;
    const char *reason;
    while (size && strchr(" \t\r\n", reading->line[size - 1]) && reading->line[size - 1]) size--;
    if (!size) return MINNOW_OK;
    if (!minnow_json_line_parse(reading->line, size, &json, &reason)) return fail_line(reading, reason, error);
    enum minnow_status status = take_pair(reading, &json, error);
    minnow_json_line_free(&json);
    return status;
}

enum minnow_status minnow_training_pairs_read(const char *path, struct minnow_training_pairs *pairs,
                                              struct minnow_error *error) {
    struct reading reading = {.path = path, .pairs = pairs, .file = fopen(path, "rb")};
    if (!reading.file)
        return minnow_fail(error, MINNOW_IO, "%.300s: could not be opened: %s", path, strerror(errno));
    enum minnow_status status = MINNOW_OK;
    ssize_t size;
    while (!status && (size = getline(&reading.line, &reading.room, reading.file)) >= 0) {
        reading.number++;
        status = take_line(&reading, (size_t)size, error);
    }
    if (!status && !feof(reading.file))
        status = minnow_fail(error, MINNOW_IO, "%.300s: could not be read: %s", path, strerror(errno));
    free(reading.line);
    fclose(reading.file);
    return status;
}

void minnow_training_pairs_free(struct minnow_training_pairs *pairs) {
    minnow_text_set_free(&pairs->queries);
    minnow_text_set_free(&pairs->passages);
    free(pairs->items);
    *pairs = (struct minnow_training_pairs){0};
}
