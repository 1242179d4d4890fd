#include "runtime/tokenizer/parts.h"
#include "runtime/tokenizer/unicode.h"

/* A word of the source, as it is looked up. Neither has a longest length, so none is copied: its bytes are made one by
 * one, first for the hash, then to compare. */
struct form {
    const struct minnow_source *source;
    size_t begin, end;
    bool lowercase;
};

struct form_reader {
    struct form form;
    size_t position;
    uint8_t bytes[8]; /* of the last character: lowercase may be two */
    uint32_t size, used;
};

/* ---- Lowercase ---------------------------------------------------------------------------- */

static bool follows_cased(const struct form *form, size_t position) {
    size_t used;
    for (; position > form->begin; position -= used) {
        uint32_t code_point = minnow_source_decode_before(form->source, position, &used);
        if (!minnow_is_case_ignorable(code_point)) return minnow_is_cased(code_point);
    }
    return false;
}

static bool precedes_cased(const struct form *form, size_t position) {
    size_t used;
    for (; position < form->end; position += used) {
        uint32_t code_point = minnow_source_decode(form->source, position, &used);
        if (!minnow_is_case_ignorable(code_point)) return minnow_is_cased(code_point);
    }
    return false;
}

/* Greek alone has a lowercase that depends on where in the word it stands. */
static size_t lowercase(const struct form *form, size_t position, size_t used, uint32_t code_point, uint32_t out[2]) {
    enum { SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2 };
    if (code_point != SIGMA || !follows_cased(form, position) || precedes_cased(form, position + used))
        return minnow_lowercase(code_point, out);
    out[0] = FINAL_SIGMA;
    return 1;
}

/* ---- Bytes -------------------------------------------------------------------------------- */

static void read_character(struct form_reader *reader) {
    size_t used, count = 1;
    uint32_t characters[2] = {minnow_source_decode(reader->form.source, reader->position, &used)};
    if (reader->form.lowercase)
        count = lowercase(&reader->form, reader->position, used, characters[0], characters);
    reader->position += used;
    reader->size = reader->used = 0;
    for (size_t i = 0; i < count; ++i)
        reader->size += (uint32_t)minnow_utf8_encode(characters[i], (char *)reader->bytes + reader->size);
}

/* The next byte, or -1. */
static int next_byte(struct form_reader *reader) {
    if (reader->used < reader->size) return reader->bytes[reader->used++];
    if (reader->position == reader->form.end) return -1;
    uint8_t byte = minnow_source_byte(reader->form.source, reader->position);
    if (byte < 0x80) {
        ++reader->position;
        return reader->form.lowercase && byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
    }
    read_character(reader);
    return reader->bytes[reader->used++];
}

static uint32_t hash_form(const struct form *form) {
    struct form_reader reader = {.form = *form, .position = form->begin};
    uint32_t hash = MINNOW_HASH_START;
    for (int byte = next_byte(&reader); byte >= 0; byte = next_byte(&reader)) hash = minnow_hash_byte(hash, (char)byte);
    return hash;
}

static bool reads_as(const struct form *form, struct minnow_token_text token) {
    struct form_reader reader = {.form = *form, .position = form->begin};
    for (size_t i = 0; i < token.size; ++i)
        if (next_byte(&reader) != (uint8_t)token.bytes[i]) return false;
    return next_byte(&reader) < 0;
}

static uint32_t find(const struct minnow_tokenizer *tokenizer, const struct form *form) {
    uint32_t slot = minnow_vocabulary_first_slot(tokenizer, hash_form(form));
    for (;; slot = (slot + 1) & (tokenizer->slot_count - 1)) {
        uint32_t id = tokenizer->slots[slot];
        if (id == MINNOW_NO_TOKEN || reads_as(form, minnow_token_text(tokenizer, id))) return id;
    }
}

/* ---- Words -------------------------------------------------------------------------------- */

static bool is_ascii_punctuation(uint8_t c) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

static void strip(struct form *form) {
    while (form->begin < form->end && is_ascii_punctuation(minnow_source_byte(form->source, form->begin)))
        ++form->begin;
    while (form->begin < form->end && is_ascii_punctuation(minnow_source_byte(form->source, form->end - 1)))
        --form->end;
}

static uint32_t find_any_form(const struct minnow_tokenizer *tokenizer, struct form form) {
    uint32_t id = find(tokenizer, &form);
    if (id != MINNOW_NO_TOKEN) return id;
    strip(&form);
    id = find(tokenizer, &form);
    if (id != MINNOW_NO_TOKEN || form.lowercase) return id;
    form.lowercase = true;
    return find(tokenizer, &form);
}

static void end_word(struct minnow_encoder *encoder, size_t begin, size_t end) {
    const struct minnow_tokenizer *tokenizer = encoder->tokenizer;
    struct form form = {&encoder->source, begin, end, (tokenizer->options & MINNOW_TOKENIZER_LOWERCASE) != 0};
    if (begin == end) return;
    uint32_t id = find_any_form(tokenizer, form);
    if (id < tokenizer->vocabulary) minnow_encoder_emit(encoder, id);
}

/* What Python's str.split takes for white space: four separators more than Unicode's White_Space. */
static bool is_separator(uint32_t code_point) {
    return minnow_is_space(code_point) || (code_point >= 0x1C && code_point <= 0x1F);
}

void minnow_whitespace_walk(struct minnow_encoder *encoder) {
    const struct minnow_source *source = &encoder->source;
    size_t begin = 0, used;
    for (size_t position = 0; position < source->size && !encoder->full; position += used) {
        if (!is_separator(minnow_source_decode(source, position, &used))) continue;
        end_word(encoder, begin, position);
        begin = position + used;
    }
    if (!encoder->full) end_word(encoder, begin, source->size);
}
