#include "runtime/tokenizer/utf8.h"

#include <string.h>

/* Bytes that the lead byte announces; 0 for a byte that cannot lead. */
static size_t sequence_length(uint8_t lead) {
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    if (lead < 0xE0) return 2;
    if (lead < 0xF0) return 3;
    return lead < 0xF5 ? 4 : 0;
}

/* The second byte's range is what keeps out overlong forms, surrogates and values past U+10FFFF. */
static int second_fits(uint8_t lead, uint8_t second) {
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
}

uint32_t minnow_utf8_decode(const uint8_t *bytes, size_t size, size_t *used) {
    size_t length = sequence_length(bytes[0]);
    *used = 1;
    if (length == 1) return bytes[0];
    if (length == 0 || size < 2 || !second_fits(bytes[0], bytes[1])) return MINNOW_REPLACEMENT;
    uint32_t value = bytes[0] & (0x7Fu >> length);
    value = value << 6 | (bytes[1] & 0x3Fu);
    for (*used = 2; *used < length; ++*used) {
        if (*used == size || (bytes[*used] & 0xC0) != 0x80) return MINNOW_REPLACEMENT;
        value = value << 6 | (bytes[*used] & 0x3Fu);
    }
    return value;
}

size_t minnow_utf8_encode(uint32_t code_point, char out[4]) {
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; --i) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    out[0] = (char)((0xF00u >> length & 0xFF) | code_point);
    return length;
}

/* Most text is ASCII: eight bytes at a time while all of them are. */
static size_t skip_ascii(const uint8_t *text, size_t position, size_t size) {
    uint64_t eight;
    for (; size - position >= sizeof eight; position += sizeof eight) {
        memcpy(&eight, text + position, sizeof eight);
        if (eight & 0x8080808080808080u) break;
    }
    return position;
}

size_t minnow_utf8_valid_prefix(const char *bytes, size_t size) {
    const uint8_t *text = (const uint8_t *)bytes;
    size_t position = skip_ascii(text, 0, size);
    while (position < size) {
        if (text[position] < 0x80) {
            ++position;
            continue;
        }
        size_t used;
        uint32_t code_point = minnow_utf8_decode(text + position, size - position, &used);
        /* A genuine U+FFFD begins with 0xEF and takes three bytes; an error never looks so. */
        if (code_point == MINNOW_REPLACEMENT && (used != 3 || text[position] != 0xEF)) return position;
        position = skip_ascii(text, position + used, size);
    }
    return size;
}
