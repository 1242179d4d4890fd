#include "convert/json_line.h"

#include <string.h>

enum { ESCAPE_BYTES = 6 }; /* \uXXXX */

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The code unit of a \uXXXX escape at `at`, or -1. */
static int escape_value(const char *at, const char *end) {
    if (end - at < ESCAPE_BYTES || at[0] != '\\' || at[1] != 'u') return -1;
    int value = 0;
    for (int i = 2; i < ESCAPE_BYTES; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* A byte that UTF-8 never uses and this line does not hold, or -1. */
static int unused_byte(const char *line, size_t size) {
    static const unsigned char candidates[] = {0xFF, 0xFE, 0xC0, 0xC1, 0xF5, 0xF6, 0xF7,
                                               0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD};
    for (size_t i = 0; i < sizeof candidates; i++)
        if (!memchr(line, candidates[i], size)) return candidates[i];
    return -1;
}

struct rewriter {
    const char *in, *end;
    char *out;
    int nul;
};

/* Lone surrogates mean nothing; they count as U+FFFD, as invalid bytes do. */
static void rewrite_surrogate(struct rewriter *r, int value) {
    int next = escape_value(r->in + ESCAPE_BYTES, r->end);
    bool pair = value < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF;
    if (pair) {
        memmove(r->out, r->in, 2 * (size_t)ESCAPE_BYTES);
        r->out += 2 * ESCAPE_BYTES;
        r->in += 2 * ESCAPE_BYTES;
        return;
    }
    memcpy(r->out, "\\ufffd", ESCAPE_BYTES);
    r->out += ESCAPE_BYTES;
    r->in += ESCAPE_BYTES;
}

static bool rewrite_unicode_escape(struct rewriter *r) {
    int value = escape_value(r->in, r->end);
    if (value < 0) return false;
    if (value >= 0xD800 && value <= 0xDFFF) {
        rewrite_surrogate(r, value);
        return true;
    }
    if (value == 0) {
        *r->out++ = (char)r->nul;
    } else {
        memmove(r->out, r->in, ESCAPE_BYTES);
        r->out += ESCAPE_BYTES;
    }
    r->in += ESCAPE_BYTES;
    return true;
}

/* Rewrite escapes in place (the line only shrinks). False at a malformed \u escape. */
static bool rewrite(struct rewriter *r) {
    while (r->in < r->end) {
        if (r->in[0] == '\\' && r->end - r->in >= 2) {
            if (r->in[1] == 'u') {
                if (!rewrite_unicode_escape(r)) return false;
                continue;
            }
            *r->out++ = *r->in++;
        }
        *r->out++ = *r->in ? *r->in : (char)r->nul;
        r->in++;
    }
    return true;
}

bool minnow_json_line_parse(char *line, size_t size, struct minnow_json_line *out, const char **reason) {
    out->root = NULL;
    out->nul = unused_byte(line, size);
    if (out->nul < 0) {
        *reason = "the line is not UTF-8";
        return false;
    }
    struct rewriter rewriter = {line, line + size, line, out->nul};
    if (!rewrite(&rewriter)) {
        *reason = "a \\u escape is not followed by four hexadecimal digits";
        return false;
    }
    size_t rewritten = (size_t)(rewriter.out - line);
    const char *end = NULL;
    out->root = cJSON_ParseWithLengthOpts(line, rewritten, &end, 0);
    while (out->root && end < line + rewritten && strchr(" \t\r\n", *end)) end++;
    if (out->root && end == line + rewritten) return true;
    minnow_json_line_free(out);
    *reason = "not valid JSON";
    return false;
}

void minnow_json_line_free(struct minnow_json_line *line) {
    cJSON_Delete(line->root);
    line->root = NULL;
}

struct minnow_text minnow_json_line_text(const struct minnow_json_line *line, cJSON *item) {
    char *bytes = item->valuestring;
    size_t size = strlen(bytes);
    for (char *at = bytes; (at = memchr(at, line->nul, size - (size_t)(at - bytes)));) *at++ = 0;
    return (struct minnow_text){bytes, size};
}
