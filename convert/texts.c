#include "convert/texts.h"

#include "convert/json_line.h"
#include "runtime/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LINE_LIMIT ((size_t)64 << 20)

enum { ID_DIGITS = 24 };

struct minnow_texts {
    FILE *file;
    const char *path; /* for messages */
    char *line;       /* the line without its '\n' */
    size_t size, capacity;
    uint64_t line_number, bytes_read, bytes_total;
    bool ended; /* the line holds what is after the last '\n', or nothing */
    bool jsonl;
    size_t leading_lines; /* blank plain lines before the first text, still to be given */
    bool have_line;       /* `line` is the first one that is not blank, still to be given */
    struct minnow_json_line json;
    char id[ID_DIGITS];
    char name[]; /* of the path */
};

static enum minnow_status grow(struct minnow_texts *texts, struct minnow_error *error) {
    size_t capacity = texts->capacity ? texts->capacity * 2 : 4096;
    char *line = realloc(texts->line, capacity);
    if (!line)
        return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s:%" PRIu64 ": a line of %zu bytes", texts->path,
                           texts->line_number, texts->size);
    texts->line = line;
    texts->capacity = capacity;
    return MINNOW_OK;
}

static enum minnow_status append(struct minnow_texts *texts, char byte, struct minnow_error *error) {
    if (texts->size == LINE_LIMIT)
        return minnow_fail(error, MINNOW_BAD_INPUT, "%s:%" PRIu64 ": the line is longer than %zu MiB, the most allowed",
                           texts->path, texts->line_number, LINE_LIMIT >> 20);
    if (texts->size == texts->capacity) {
        enum minnow_status status = grow(texts, error);
        if (status) return status;
    }
    texts->line[texts->size++] = byte;
    return MINNOW_OK;
}

/* The next line into texts->line. At the end of the file `ended` is set and the line is empty. */
static enum minnow_status read_line(struct minnow_texts *texts, struct minnow_error *error) {
    texts->size = 0;
    texts->line_number++;
    int byte;
    while ((byte = getc_unlocked(texts->file)) != EOF && byte != '\n') {
        enum minnow_status status = append(texts, (char)byte, error);
        if (status) return status;
    }
    if (byte == EOF && ferror(texts->file))
        return minnow_fail(error, MINNOW_IO, "%s: could not be read: %s", texts->path, strerror(errno));
    texts->ended = byte == EOF && texts->size == 0;
    texts->bytes_read += texts->size + (byte == '\n');
    if (texts->size && texts->line[texts->size - 1] == '\r') texts->size--;
    return MINNOW_OK;
}

static bool is_blank(const char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!bytes[i] || !strchr(" \t\r\v\f", bytes[i])) return false;
    return true;
}

static void drop_byte_order_mark(struct minnow_texts *texts) {
    if (texts->size < 3 || memcmp(texts->line, "\xEF\xBB\xBF", 3) != 0) return;
    texts->size -= 3;
    memmove(texts->line, texts->line + 3, texts->size);
}

/* Read up to the first line that is not blank: its first byte says what the file is. */
static enum minnow_status look_ahead(struct minnow_texts *texts, struct minnow_error *error) {
    for (;;) {
        enum minnow_status status = read_line(texts, error);
        if (status) return status;
        if (texts->line_number == 1) drop_byte_order_mark(texts);
        if (texts->ended || !is_blank(texts->line, texts->size)) break;
        texts->leading_lines++;
    }
    texts->have_line = !texts->ended;
    size_t start = 0;
    while (start < texts->size && is_blank(texts->line + start, 1)) start++;
    texts->jsonl = start < texts->size && texts->line[start] == '{';
    return MINNOW_OK;
}

static enum minnow_status open_file(struct minnow_texts *texts, struct minnow_error *error) {
    struct stat about;
    texts->file = strcmp(texts->name, "-") == 0 ? stdin : fopen(texts->name, "rb");
    if (!texts->file) return minnow_fail(error, MINNOW_IO, "%s: could not be opened: %s", texts->path, strerror(errno));
    if (fstat(fileno(texts->file), &about) != 0) return MINNOW_OK;
    if (S_ISDIR(about.st_mode))
        return minnow_fail(error, MINNOW_IO, "%s: is a folder, expected a file of texts", texts->path);
    if (S_ISREG(about.st_mode)) texts->bytes_total = (uint64_t)about.st_size;
    return MINNOW_OK;
}

enum minnow_status minnow_texts_open(const char *path, struct minnow_texts **out, struct minnow_error *error) {
    size_t length = strlen(path);
    struct minnow_texts *texts = calloc(1, sizeof *texts + length + 1);
    *out = NULL;
    if (!texts) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%s: a reader of texts", path);
    memcpy(texts->name, path, length + 1);
    texts->path = strcmp(path, "-") == 0 ? "standard input" : texts->name;
    enum minnow_status status = open_file(texts, error);
    if (!status) status = look_ahead(texts, error);
    if (status) {
        minnow_texts_close(texts);
        return status;
    }
    *out = texts;
    return MINNOW_OK;
}

static struct minnow_text line_number_id(struct minnow_texts *texts, uint64_t line_number) {
    int size = snprintf(texts->id, sizeof texts->id, "%" PRIu64, line_number);
    return (struct minnow_text){texts->id, (size_t)size};
}

static enum minnow_status bad_record(const struct minnow_texts *texts, struct minnow_error *error, const char *found) {
    return minnow_fail(error, MINNOW_BAD_INPUT,
                       "%s:%" PRIu64 ": %s; expected a JSON object with a string \"text\" on each line, "
                       "because the file begins with '{'",
                       texts->path, texts->line_number, found);
}

/* A string member, or empty where it is missing or null. False where it is something else. */
static bool optional_text(struct minnow_texts *texts, const char *key, struct minnow_text *out) {
    cJSON *item = cJSON_GetObjectItemCaseSensitive(texts->json.root, key);
    *out = (struct minnow_text){"", 0};
    if (!item || cJSON_IsNull(item)) return true;
    if (!cJSON_IsString(item)) return false;
    *out = minnow_json_line_text(&texts->json, item);
    return true;
}

/* "_id": a string, or a whole number that a double holds exactly. */
static bool read_id(struct minnow_texts *texts, struct minnow_text *out) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(texts->json.root, "_id");
    if (!item || cJSON_IsNull(item)) {
        *out = line_number_id(texts, texts->line_number);
        return true;
    }
    if (!cJSON_IsNumber(item)) return optional_text(texts, "_id", out);
    double value = item->valuedouble;
    if (!(value >= 0 && value < 9007199254740992.0) || value != (double)(uint64_t)value) return false;
    *out = line_number_id(texts, (uint64_t)value);
    return true;
}

static enum minnow_status read_record(struct minnow_texts *texts, struct minnow_document *document,
                                      struct minnow_error *error) {
    const char *reason = NULL;
    minnow_json_line_free(&texts->json);
    if (!minnow_json_line_parse(texts->line, texts->size, &texts->json, &reason))
        return bad_record(texts, error, reason);
    if (!cJSON_IsObject(texts->json.root)) return bad_record(texts, error, "not a JSON object");
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(texts->json.root, "text");
    if (!text) return bad_record(texts, error, "\"text\" is missing");
    if (!cJSON_IsString(text)) return bad_record(texts, error, "\"text\" is not a string");
    if (!optional_text(texts, "text", &document->text)) return bad_record(texts, error, "\"text\" is not a string");
    if (!optional_text(texts, "title", &document->title)) return bad_record(texts, error, "\"title\" is not a string");
    if (!read_id(texts, &document->id)) return bad_record(texts, error, "\"_id\" is not a string");
    return MINNOW_OK;
}

/* The next JSONL line that is not blank. */
static enum minnow_status next_record(struct minnow_texts *texts, struct minnow_document *document, bool *end,
                                      struct minnow_error *error) {
    while (!texts->have_line || is_blank(texts->line, texts->size)) {
        enum minnow_status status = read_line(texts, error);
        if (status) return status;
        if (texts->ended) {
            *end = true;
            return MINNOW_OK;
        }
        texts->have_line = true;
    }
    texts->have_line = false;
    return read_record(texts, document, error);
}

static enum minnow_status next_plain(struct minnow_texts *texts, struct minnow_document *document, bool *end,
                                     struct minnow_error *error) {
    if (texts->leading_lines) {
        uint64_t line_number = texts->line_number - texts->leading_lines--;
        *document = (struct minnow_document){line_number_id(texts, line_number), {"", 0}, {"", 0}};
        return MINNOW_OK;
    }
    if (!texts->have_line && !texts->ended) {
        enum minnow_status status = read_line(texts, error);
        if (status) return status;
    }
    texts->have_line = false;
    *end = texts->ended;
    const char *bytes = texts->size ? texts->line : "";
    *document = (struct minnow_document){line_number_id(texts, texts->line_number), {"", 0}, {bytes, texts->size}};
    return MINNOW_OK;
}

enum minnow_status minnow_texts_next(struct minnow_texts *texts, struct minnow_document *document, bool *end,
                                     struct minnow_error *error) {
    *end = false;
    return texts->jsonl ? next_record(texts, document, end, error) : next_plain(texts, document, end, error);
}

void minnow_texts_position(const struct minnow_texts *texts, uint64_t *done, uint64_t *total) {
    *done = texts->bytes_read;
    *total = texts->bytes_total;
}

void minnow_texts_close(struct minnow_texts *texts) {
    if (!texts) return;
    minnow_json_line_free(&texts->json);
    if (texts->file && texts->file != stdin) fclose(texts->file);
    free(texts->line);
    free(texts);
}
