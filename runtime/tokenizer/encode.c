#include "runtime/tokenizer/parts.h"

#include <string.h>

void minnow_encoder_emit(struct minnow_encoder *encoder, uint32_t id) {
    if (encoder->full) return;
    if (encoder->count < encoder->capacity) encoder->ids[encoder->count] = id;
    encoder->full = ++encoder->count > encoder->limit;
}

/* ---- The source --------------------------------------------------------------------------- */

uint8_t minnow_source_byte(const struct minnow_source *source, size_t position) {
    return position < source->prefix_size ? source->prefix[position] : source->text[position - source->prefix_size];
}

/* The bytes from `position` that lie together. */
static const uint8_t *span(const struct minnow_source *source, size_t position, size_t *size) {
    bool in_prefix = position < source->prefix_size;
    *size = (in_prefix ? source->prefix_size : source->size) - position;
    return in_prefix ? source->prefix + position : source->text + (position - source->prefix_size);
}

/* A character may begin in the prefix and end in the text. */
uint32_t minnow_source_decode(const struct minnow_source *source, size_t position, size_t *used) {
    size_t size;
    const uint8_t *bytes = span(source, position, &size);
    if (size >= 4 || position + size == source->size) return minnow_utf8_decode(bytes, size, used);
    uint8_t joined[4];
    for (size = 0; size < 4 && position + size < source->size; ++size)
        joined[size] = minnow_source_byte(source, position + size);
    return minnow_utf8_decode(joined, size, used);
}

/* A lead byte never lies inside another character, so the longest sequence that reaches to `position` is it. */
uint32_t minnow_source_decode_before(const struct minnow_source *source, size_t position, size_t *used) {
    for (size_t back = position < 4 ? position : 4; back > 1; --back) {
        if ((minnow_source_byte(source, position - back) & 0xC0) != 0xC0) continue;
        uint32_t code_point = minnow_source_decode(source, position - back, used);
        if (*used == back) return code_point;
    }
    return minnow_source_decode(source, position - 1, used);
}

/* ---- What each byte begins ---------------------------------------------------------------- */

enum action { WORD, UPPER, SPACE, PUNCTUATION, REMOVED, MULTIBYTE };
enum { MAY_BE_ADDED = 0x80 };

static enum action ascii_action(unsigned byte, uint32_t options) {
    if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') return SPACE;
    if (byte < ' ' || byte == 0x7F) {
        if (options & MINNOW_TOKENIZER_CLEAN_TEXT) return REMOVED;
        return byte == '\v' || byte == '\f' ? SPACE : WORD;
    }
    if (byte >= 'A' && byte <= 'Z') return options & MINNOW_TOKENIZER_LOWERCASE ? UPPER : WORD;
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ? WORD : PUNCTUATION;
}

static void fill_actions(const struct minnow_tokenizer *tokenizer, uint8_t actions[256]) {
    for (unsigned byte = 0; byte < 0x80; ++byte) actions[byte] = (uint8_t)ascii_action(byte, tokenizer->options);
    memset(actions + 0x80, MULTIBYTE, 0x80);
    for (uint32_t i = 0; i < tokenizer->added_count; ++i)
        actions[(uint8_t)minnow_token_text(tokenizer, tokenizer->added[i].id).bytes[0]] |= MAY_BE_ADDED;
}

/* ---- The walk ----------------------------------------------------------------------------- */

static void append_ascii(struct minnow_encoder *encoder, char byte) {
    struct minnow_word *word = &encoder->word;
    if (word->characters >= encoder->tokenizer->max_word_characters) {
        word->characters = encoder->tokenizer->max_word_characters + 1;
        return;
    }
    word->bytes[word->length++] = byte;
    word->characters++;
    word->settled = word->length;
}

/* Letters and digits from `position` on; returns how many. */
static size_t take_ascii_word(struct minnow_encoder *encoder, size_t position, const uint8_t actions[256]) {
    size_t size, taken = 0;
    const uint8_t *bytes = span(&encoder->source, position, &size);
    for (; taken < size && actions[bytes[taken]] <= UPPER; ++taken)
        append_ascii(encoder, (char)(bytes[taken] | (actions[bytes[taken]] == UPPER ? 0x20 : 0)));
    return taken;
}

static size_t take_character(struct minnow_encoder *encoder, size_t position, enum action action) {
    size_t used = 1;
    char byte = (char)minnow_source_byte(&encoder->source, position);
    if (action == MULTIBYTE) {
        minnow_normalize_character(encoder, minnow_source_decode(&encoder->source, position, &used));
    } else if (action <= UPPER) {
        append_ascii(encoder, (char)(byte | (action == UPPER ? 0x20 : 0)));
    } else if (action != REMOVED) {
        minnow_word_end(encoder);
        if (action == PUNCTUATION) {
            append_ascii(encoder, byte);
            minnow_word_end(encoder);
        }
    }
    return used;
}

/* An added token at `position`: emits it and returns its size, else 0. A match that does not stand
 * still keeps others from beginning within it (*unclaimed), as it does in `tokenizers`. The white space
 * that left_strip and right_strip take in would have become no token anyway. */
static size_t take_added(struct minnow_encoder *encoder, size_t position, size_t *unclaimed) {
    size_t size;
    if (position < *unclaimed) return 0;
    const struct minnow_added_token *added = minnow_added_match(encoder, position, &size);
    if (!added) return 0;
    *unclaimed = position + size;
    if (!minnow_added_stands(encoder, added, position, size)) return 0;
    minnow_word_end(encoder);
    minnow_encoder_emit(encoder, added->id);
    return size;
}

static void walk(struct minnow_encoder *encoder) {
    uint8_t actions[256];
    fill_actions(encoder->tokenizer, actions);
    size_t position = 0, unclaimed = 0;
    while (position < encoder->source.size && !encoder->full) {
        uint8_t action = actions[minnow_source_byte(&encoder->source, position)];
        size_t taken = action & MAY_BE_ADDED ? take_added(encoder, position, &unclaimed) : 0;
        if (taken == 0)
            taken = action <= UPPER ? take_ascii_word(encoder, position, actions)
                                    : take_character(encoder, position, (enum action)(action & ~MAY_BE_ADDED));
        position += taken;
    }
    minnow_word_end(encoder);
}

size_t minnow_tokenizer_encode(const struct minnow_tokenizer *tokenizer, struct minnow_text prefix,
                               struct minnow_text text, uint32_t *ids, size_t capacity, size_t limit) {
    struct minnow_encoder encoder;
    encoder.tokenizer = tokenizer;
    encoder.continuation = (struct minnow_token_text){tokenizer->continuation, strlen(tokenizer->continuation)};
    encoder.continuation_hash =
        minnow_hash_bytes(MINNOW_HASH_START, encoder.continuation.bytes, encoder.continuation.size);
    encoder.ids = ids;
    encoder.capacity = capacity;
    encoder.limit = limit;
    encoder.count = 0;
    encoder.full = false;
    encoder.source = (struct minnow_source){(const uint8_t *)prefix.bytes, (const uint8_t *)text.bytes, prefix.size,
                                            prefix.size + text.size};
    encoder.word.length = encoder.word.characters = encoder.word.settled = 0;
    if (tokenizer->kind == MINNOW_TOKENIZER_WHITESPACE)
        minnow_whitespace_walk(&encoder);
    else
        walk(&encoder);
    return encoder.count;
}
