#include "runtime/model/place.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { MAX_DEPTH = 16 };

struct line {
    char *bytes;
    size_t size, used;
};

static void append(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append_arguments(struct line *line, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void append_arguments(struct line *line, const char *format, va_list arguments) {
    if (line->used >= line->size) return;
    int more = vsnprintf(line->bytes + line->used, line->size - line->used, format, arguments);
    if (more > 0) line->used += (size_t)more;
}

static void append(struct line *line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    append_arguments(line, format, arguments);
    va_end(arguments);
}

static void append_place(struct line *line, const struct minnow_place *place) {
    const struct minnow_place *chain[MAX_DEPTH];
    size_t depth = 0;
    for (; place && depth < MAX_DEPTH; place = place->parent) chain[depth++] = place;
    while (depth > 0) {
        const struct minnow_place *part = chain[--depth];
        append(line, "%s%s", line->used ? "." : "", part->name);
        if (part->index != MINNOW_NO_INDEX) append(line, ".%" PRId64, part->index);
    }
}

enum minnow_status minnow_fail_at(struct minnow_error *error, enum minnow_status status,
                                  const struct minnow_place *place, const char *format, ...) {
    if (!error) return status;
    struct line line = {error->message, sizeof error->message, 0};
    append_place(&line, place);
    append(&line, ": ");
    va_list arguments;
    va_start(arguments, format);
    append_arguments(&line, format, arguments);
    va_end(arguments);
    error->status = status;
    return status;
}
