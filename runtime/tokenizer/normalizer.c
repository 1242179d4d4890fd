#include "runtime/tokenizer/parts.h"
#include "runtime/tokenizer/unicode.h"

#include <string.h>

static bool has(const struct minnow_encoder *encoder, enum minnow_tokenizer_option option) {
    return encoder->tokenizer->options & (uint32_t)option;
}

/* Canonical ordering: before those marks at the word's end whose class is higher. Marks that
 * strip_accents removes never get here; what is left of an unsettled run is rare and at most
 * max_word_characters long. */
static uint32_t ordered_place(const struct minnow_word *word, unsigned combining_class) {
    uint32_t place = word->length;
    while (place > word->settled) {
        uint32_t before = place - 1;
        while (((uint8_t)word->bytes[before] & 0xC0) == 0x80) --before;
        size_t used;
        uint32_t code_point = minnow_utf8_decode((const uint8_t *)word->bytes + before, place - before, &used);
        if (minnow_combining_class(code_point) <= combining_class) break;
        place = before;
    }
    return place;
}

static void append(struct minnow_encoder *encoder, uint32_t code_point, unsigned combining_class) {
    struct minnow_word *word = &encoder->word;
    if (word->characters >= encoder->tokenizer->max_word_characters) {
        word->characters = encoder->tokenizer->max_word_characters + 1;
        return;
    }
    char bytes[4];
    uint32_t size = (uint32_t)minnow_utf8_encode(code_point, bytes);
    uint32_t place = combining_class ? ordered_place(word, combining_class) : word->length;
    memmove(word->bytes + place + size, word->bytes + place, word->length - place);
    memcpy(word->bytes + place, bytes, size);
    word->length += size;
    word->characters++;
    if (combining_class == 0) word->settled = word->length;
}

/* Lowercase, then split as the pre-tokenizer does. */
static void place(struct minnow_encoder *encoder, uint32_t code_point, unsigned combining_class) {
    uint32_t characters[2] = {code_point};
    size_t count = has(encoder, MINNOW_TOKENIZER_LOWERCASE) ? minnow_lowercase(code_point, characters) : 1;
    for (size_t i = 0; i < count; ++i) {
        bool space = minnow_is_space(characters[i]);
        bool alone = !space && minnow_character_class(characters[i]) == MINNOW_CHARACTER_PUNCTUATION;
        if (space || alone) minnow_word_end(encoder);
        if (!space) append(encoder, characters[i], combining_class);
        if (alone) minnow_word_end(encoder);
    }
}

static void place_stripped(struct minnow_encoder *encoder, uint32_t code_point) {
    uint32_t parts[MINNOW_MAX_DECOMPOSED];
    size_t count = minnow_decompose(code_point, parts);
    for (size_t i = 0; i < count; ++i) {
        unsigned combining_class = minnow_combining_class(parts[i]);
        if (minnow_character_class(parts[i]) != MINNOW_CHARACTER_MARK)
            place(encoder, parts[i], combining_class);
        else if (combining_class == 0) /* removed only after it has bounded what may be reordered */
            encoder->word.settled = encoder->word.length;
    }
}

void minnow_normalize_character(struct minnow_encoder *encoder, uint32_t code_point) {
    if (has(encoder, MINNOW_TOKENIZER_CLEAN_TEXT) &&
        (code_point == MINNOW_REPLACEMENT || minnow_character_class(code_point) == MINNOW_CHARACTER_OTHER))
        return;
    bool alone = has(encoder, MINNOW_TOKENIZER_SPACE_CJK) && minnow_is_cjk(code_point);
    if (alone) minnow_word_end(encoder);
    if (has(encoder, MINNOW_TOKENIZER_STRIP_ACCENTS))
        place_stripped(encoder, code_point);
    else
        place(encoder, code_point, 0);
    if (alone) minnow_word_end(encoder);
}
