#include "convert/distill/queries/word_list.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/tokenizer/unicode.h"
#include "runtime/tokenizer/utf8.h"

enum { MOST_BYTES = 4 }; /* of a character */

static bool is_space(uint32_t code_point) {
    return code_point < 0x20 || code_point == 0x7F || minnow_is_space(code_point);
}

static bool is_punctuation(char byte) {
    return (byte >= '!' && byte <= '/') || (byte >= ':' && byte <= '@') || (byte >= '[' && byte <= '`') ||
           (byte >= '{' && byte <= '~');
}

/* Where the run that begins at `at` ends: of white space, or of anything else. */
static size_t run_end(struct minnow_text text, size_t at, bool of_space) {
    for (size_t used; at < text.size; at += used) {
        uint32_t code_point = minnow_utf8_decode((const uint8_t *)text.bytes + at, text.size - at, &used);
        if (is_space(code_point) != of_space) break;
    }
    return at;
}

static enum minnow_status add_span(struct minnow_word_list *words, size_t begin, size_t end,
                                   struct minnow_error *error) {
    if (words->count == words->capacity) {
        size_t capacity = words->capacity ? words->capacity * 2 : 256;
        struct minnow_word_span *items = realloc(words->items, capacity * sizeof *items);
        if (!items) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "%zu words", words->count);
        words->items = items;
        words->capacity = capacity;
    }
    words->items[words->count++] = (struct minnow_word_span){begin, end, false};
    return MINNOW_OK;
}

static void end_sentence(struct minnow_word_list *words) {
    if (words->count) words->items[words->count - 1].ends_sentence = true;
}

enum minnow_status minnow_word_list_find(struct minnow_word_list *words, struct minnow_text text,
                                         struct minnow_error *error) {
    words->count = 0;
    for (size_t begin = run_end(text, 0, true), end; begin < text.size; begin = run_end(text, end, true)) {
        end = run_end(text, begin, false);
        size_t first = begin, last = end;
        while (first < last && is_punctuation(text.bytes[first])) first++;
        while (last > first && is_punctuation(text.bytes[last - 1])) last--;
        enum minnow_status status = first < last ? add_span(words, first, last, error) : MINNOW_OK;
        if (status) return status;
        for (size_t i = last; i < end; i++)
            if (strchr(".!?", text.bytes[i])) end_sentence(words);
    }
    end_sentence(words);
    return MINNOW_OK;
}

void minnow_word_list_free(struct minnow_word_list *words) {
    free(words->items);
    *words = (struct minnow_word_list){0};
}

/* Room for a space and the text, were each of its bytes U+FFFD. */
static bool make_room(struct minnow_plain_text *plain, size_t size) {
    size_t wanted = plain->size + 1 + 3 * size;
    if (wanted <= plain->capacity) return true;
    char *bytes = realloc(plain->bytes, wanted * 2);
    if (!bytes) return false;
    plain->bytes = bytes;
    plain->capacity = wanted * 2;
    return true;
}

enum minnow_status minnow_plain_text_add(struct minnow_plain_text *plain, struct minnow_text text,
                                         struct minnow_error *error) {
    if (!make_room(plain, text.size)) return minnow_fail(error, MINNOW_OUT_OF_MEMORY, "a text of %zu bytes", text.size);
    bool wants_space = plain->size > 0;
    for (size_t at = 0, used; at < text.size; at += used) {
        uint32_t code_point = minnow_utf8_decode((const uint8_t *)text.bytes + at, text.size - at, &used);
        if (is_space(code_point)) {
            wants_space = plain->size > 0;
            continue;
        }
        if (wants_space) plain->bytes[plain->size++] = ' ';
        wants_space = false;
        plain->size += minnow_utf8_encode(code_point, plain->bytes + plain->size);
    }
    return MINNOW_OK;
}

void minnow_plain_text_free(struct minnow_plain_text *plain) {
    free(plain->bytes);
    *plain = (struct minnow_plain_text){0};
}

size_t minnow_term_of(struct minnow_text word, char term[MINNOW_LONGEST_TERM]) {
    size_t size = 0;
    for (size_t at = 0, used; at < word.size; at += used) {
        uint32_t lower[2];
        uint32_t code_point = minnow_utf8_decode((const uint8_t *)word.bytes + at, word.size - at, &used);
        size_t count = minnow_lowercase(code_point, lower);
        if (size + count * MOST_BYTES > MINNOW_LONGEST_TERM) return 0;
        for (size_t i = 0; i < count; i++) size += minnow_utf8_encode(lower[i], term + size);
    }
    return size;
}
