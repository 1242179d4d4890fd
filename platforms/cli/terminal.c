/* Text of any kind on one line of a terminal. */
#include "platforms/cli/output.h"
#include "runtime/tokenizer/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

enum { COLUMNS_WITHOUT_TERMINAL = 160, LEAST_COLUMNS = 40 };

size_t minnow_terminal_columns(void) {
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return COLUMNS_WITHOUT_TERMINAL;
    return size.ws_col < LEAST_COLUMNS ? LEAST_COLUMNS : size.ws_col;
}

enum shown { SHOWN_AS_IS, SHOWN_AS_SPACE, NOT_SHOWN };

static enum shown how_shown(uint32_t character) {
    switch (utf8proc_category((utf8proc_int32_t)character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
        return SHOWN_AS_SPACE;
    case UTF8PROC_CATEGORY_CF: /* also those that turn the direction of writing */
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
        return NOT_SHOWN;
    default:
        return SHOWN_AS_IS;
    }
}

struct line {
    size_t used, columns;
    bool space; /* one is due before the next character */
};

/* False where the character does not fit with an ellipsis behind it. */
static bool put_character(struct line *line, uint32_t character) {
    char bytes[4];
    size_t width = (size_t)utf8proc_charwidth((utf8proc_int32_t)character) + line->space;
    if (line->used + width + 3 > line->columns) return false;
    if (line->space) putchar(' ');
    fwrite(bytes, 1, minnow_utf8_encode(character, bytes), stdout);
    line->used += width;
    line->space = false;
    return true;
}

size_t minnow_print_line(struct minnow_text text, size_t columns) {
    struct line line = {0, columns < 4 ? 4 : columns, false};
    for (size_t at = 0, used; at < text.size; at += used) {
        uint32_t character = minnow_utf8_decode((const uint8_t *)text.bytes + at, text.size - at, &used);
        enum shown shown = how_shown(character);
        if (shown == SHOWN_AS_SPACE) line.space = line.used > 0;
        if (shown == SHOWN_AS_IS && !put_character(&line, character)) {
            fputs("...", stdout);
            return line.used + 3;
        }
    }
    return line.used;
}
