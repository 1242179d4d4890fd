#include "runtime/index/words.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/tokenizer/unicode.h"
#include "runtime/tokenizer/utf8.h"

enum { MAX_WORDS = 64 }; /* a search costs a pass over each word's documents */

/* The next word from `at` on; false when there is none. Invalid UTF-8 decodes to U+FFFD, which is
 * no word character. */
static bool next_word(struct minnow_text text, size_t *at, struct minnow_text *word) {
    size_t start = *at, used;
    for (; *at < text.size; *at += used) {
        uint32_t c = minnow_utf8_decode((const uint8_t *)text.bytes + *at, text.size - *at, &used);
        if (minnow_is_word_character(c)) continue;
        if (*at > start) break;
        start = *at + used;
    }
    *word = (struct minnow_text){text.bytes + start, *at - start};
    return *at > start;
}

/* Appends to `out`, or only measures when it is NULL. */
static size_t append(char *out, size_t used, const char *bytes, size_t size) {
    if (out) memcpy(out + used, bytes, size);
    return used + size;
}

static size_t write_query(struct minnow_text text, char *out) {
    struct minnow_text word;
    size_t at = 0, used = 0;
    for (size_t i = 0; i < MAX_WORDS && next_word(text, &at, &word); i++) {
        if (i) used = append(out, used, " OR ", 4);
        used = append(out, used, "\"", 1);
        used = append(out, used, word.bytes, word.size);
        used = append(out, used, "\"", 1);
    }
    return used;
}

bool minnow_words_query(struct minnow_text text, char **query) {
    *query = NULL;
    size_t size = write_query(text, NULL);
    if (!size) return true;
    *query = malloc(size + 1);
    if (!*query) return false;
    write_query(text, *query);
    (*query)[size] = 0;
    return true;
}
