#include "convert/checkpoint/readme.h"

#include "convert/checkpoint/text_file.h"
#include "runtime/tokenizer/utf8.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "README.md"

enum { README_LIMIT = 16 << 20 };

/* A piece of the text without its outer spaces. */
struct piece {
    const char *begin, *end;
};

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static struct piece trim(struct piece piece) {
    while (piece.begin < piece.end && is_space(*piece.begin)) piece.begin++;
    while (piece.end > piece.begin && is_space(piece.end[-1])) piece.end--;
    return piece;
}

static bool equals(struct piece piece, const char *text) {
    size_t size = (size_t)(piece.end - piece.begin);
    return size == strlen(text) && !memcmp(piece.begin, text, size);
}

static bool starts(struct piece piece, const char *text) {
    size_t size = strlen(text);
    return (size_t)(piece.end - piece.begin) >= size && !memcmp(piece.begin, text, size);
}

/* The next line, or false at the end. */
static bool next_line(const char **cursor, struct piece *line) {
    if (!**cursor) return false;
    size_t size = strcspn(*cursor, "\n");
    *line = (struct piece){*cursor, *cursor + size};
    *cursor += size + (*line->end == '\n');
    return true;
}

static struct piece unquote(struct piece piece) {
    piece = trim(piece);
    if (piece.end - piece.begin >= 2 && (*piece.begin == '"' || *piece.begin == '\'') && piece.end[-1] == *piece.begin)
        return (struct piece){piece.begin + 1, piece.end - 1};
    return piece;
}

/* "license: mit", or a list of which the first counts:
 *     license:
 *     - mit                                                                                        */
static struct piece read_front_matter(const char **cursor) {
    struct piece line, license = {"", ""};
    const char *start = *cursor;
    if (!next_line(cursor, &line) || !equals(trim(line), "---")) {
        *cursor = start;
        return license;
    }
    bool list = false;
    while (next_line(cursor, &line) && !equals(trim(line), "---")) {
        struct piece value = trim(line);
        if (starts(line, "license:"))
            license = unquote((struct piece){line.begin + strlen("license:"), line.end});
        else if (list && starts(value, "-"))
            license = unquote((struct piece){value.begin + 1, value.end});
        list = starts(line, "license:") && license.begin == license.end;
    }
    return license;
}

static struct piece read_heading(const char *cursor) {
    struct piece line;
    while (next_line(&cursor, &line)) {
        if (!starts(line, "# ")) continue;
        struct piece heading = trim((struct piece){line.begin + 2, line.end});
        bool one_word = true;
        for (const char *c = heading.begin; c < heading.end; c++) one_word &= !is_space(*c);
        return one_word ? heading : (struct piece){"", ""};
    }
    return (struct piece){"", ""};
}

/* What is not UTF-8 counts as not there. */
static const char *copy_text(struct minnow_memory *memory, struct piece piece) {
    size_t size = (size_t)(piece.end - piece.begin);
    bool valid = minnow_utf8_valid_prefix(piece.begin, size) == size;
    return minnow_memory_copy_text(memory, piece.begin, valid ? size : 0);
}

enum minnow_status minnow_readme_read(const char *folder, struct minnow_memory *memory, struct minnow_readme *readme,
                                      struct minnow_error *error) {
    *readme = (struct minnow_readme){"", ""};
    char *text;
    size_t size;
    enum minnow_status status = minnow_text_file_read(folder, FILE_NAME, README_LIMIT, &text, &size, error);
    if (status || !text) return status;
    const char *cursor = text;
    struct piece license = read_front_matter(&cursor), name = read_heading(cursor);
    readme->license = copy_text(memory, license);
    readme->name = copy_text(memory, name);
    free(text);
    if (readme->license && readme->name) return MINNOW_OK;
    return minnow_fail(error, MINNOW_OUT_OF_MEMORY, FILE_NAME ": no memory for its license");
}
