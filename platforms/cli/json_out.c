#include "platforms/cli/json_out.h"

#include "runtime/tokenizer/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void write_character(FILE *file, uint32_t character) {
    char bytes[4];
    if (character == '"' || character == '\\') {
        fprintf(file, "\\%c", (int)character);
    } else if (character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x2028 ||
               character == 0x2029) {
        fprintf(file, "\\u%04x", (unsigned)character);
    } else {
        fwrite(bytes, 1, minnow_utf8_encode(character, bytes), file);
    }
}

static void write_text(FILE *file, struct minnow_text text) {
    putc('"', file);
    for (size_t at = 0, used; at < text.size; at += used)
        write_character(file, minnow_utf8_decode((const uint8_t *)text.bytes + at, text.size - at, &used));
    putc('"', file);
}

static void begin(struct minnow_json_out *json, const char *key) {
    if (json->follows) putc(',', json->file);
    json->follows = true;
    if (!key) return;
    write_text(json->file, (struct minnow_text){key, strlen(key)});
    putc(':', json->file);
}

void minnow_put_open(struct minnow_json_out *json, const char *key, char bracket) {
    begin(json, key);
    putc(bracket, json->file);
    json->follows = false;
}

void minnow_put_close(struct minnow_json_out *json, char bracket) {
    putc(bracket, json->file);
    json->follows = true;
}

void minnow_put_text(struct minnow_json_out *json, const char *key, struct minnow_text text) {
    begin(json, key);
    write_text(json->file, text);
}

void minnow_put_string(struct minnow_json_out *json, const char *key, const char *string) {
    minnow_put_text(json, key, (struct minnow_text){string, strlen(string)});
}

void minnow_put_whole(struct minnow_json_out *json, const char *key, uint64_t value) {
    begin(json, key);
    fprintf(json->file, "%" PRIu64, value);
}

static void write_number(struct minnow_json_out *json, const char *key, double value, int digits) {
    begin(json, key);
    if (isfinite(value))
        fprintf(json->file, "%.*g", digits, value);
    else
        fputs("null", json->file);
}

void minnow_put_number(struct minnow_json_out *json, const char *key, double value) {
    write_number(json, key, value, 12);
}

void minnow_put_float(struct minnow_json_out *json, const char *key, float value) {
    write_number(json, key, (double)value, 9);
}

void minnow_put_bool(struct minnow_json_out *json, const char *key, bool value) {
    begin(json, key);
    fputs(value ? "true" : "false", json->file);
}
