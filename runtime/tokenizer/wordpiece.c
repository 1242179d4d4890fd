#include "runtime/tokenizer/parts.h"

/* Where a word's characters end, and the hash of what lies between `start` and each end. */
struct ends {
    uint32_t count;
    uint32_t end[MINNOW_MAX_WORD_CHARACTERS];
    uint32_t hash[MINNOW_MAX_WORD_CHARACTERS];
};

static bool begins_character(char byte) { return ((uint8_t)byte & 0xC0) != 0x80; }

static void find_ends(const struct minnow_word *word, uint32_t start, uint32_t hash, struct ends *ends) {
    ends->count = 0;
    for (uint32_t i = start; i < word->length;) {
        hash = minnow_hash_byte(hash, word->bytes[i++]);
        if (i < word->length && !begins_character(word->bytes[i])) continue;
        ends->end[ends->count] = i;
        ends->hash[ends->count++] = hash;
    }
}

/* The longest token that begins at *start; moves *start to its end. */
static uint32_t longest_piece(const struct minnow_encoder *encoder, uint32_t *start) {
    const struct minnow_tokenizer *tokenizer = encoder->tokenizer;
    const struct minnow_word *word = &encoder->word;
    bool first = *start == 0;
    struct minnow_token_text prefix = first ? (struct minnow_token_text){"", 0} : encoder->continuation;
    struct ends ends;
    find_ends(word, *start, first ? MINNOW_HASH_START : encoder->continuation_hash, &ends);
    for (uint32_t i = ends.count; i > 0; --i) {
        uint32_t end = ends.end[i - 1];
        uint32_t slot =
            minnow_vocabulary_slot(tokenizer, ends.hash[i - 1], prefix, word->bytes + *start, end - *start);
        uint32_t id = tokenizer->slots[slot];
        if (id == MINNOW_NO_TOKEN) continue;
        *start = end;
        return id;
    }
    return MINNOW_NO_TOKEN;
}

/* Pieces are kept back until the whole word is known to have some: else it is one unknown token. */
static void emit_pieces(struct minnow_encoder *encoder) {
    uint32_t pieces[MINNOW_MAX_WORD_CHARACTERS];
    uint32_t count = 0;
    for (uint32_t start = 0; start < encoder->word.length; ++count) {
        pieces[count] = longest_piece(encoder, &start);
        if (pieces[count] == MINNOW_NO_TOKEN) {
            minnow_encoder_emit(encoder, encoder->tokenizer->unknown_id);
            return;
        }
    }
    for (uint32_t i = 0; i < count; ++i) minnow_encoder_emit(encoder, pieces[i]);
}

static void emit_whole(struct minnow_encoder *encoder) {
    const struct minnow_word *word = &encoder->word;
    uint32_t id = minnow_tokenizer_find(encoder->tokenizer, word->bytes, word->length);
    minnow_encoder_emit(encoder, id == MINNOW_NO_TOKEN ? encoder->tokenizer->unknown_id : id);
}

void minnow_word_end(struct minnow_encoder *encoder) {
    struct minnow_word *word = &encoder->word;
    if (word->characters > encoder->tokenizer->max_word_characters)
        minnow_encoder_emit(encoder, encoder->tokenizer->unknown_id);
    else if (word->length > 0 && encoder->tokenizer->kind == MINNOW_TOKENIZER_WORDS)
        emit_whole(encoder);
    else if (word->length > 0)
        emit_pieces(encoder);
    word->length = word->characters = word->settled = 0;
}
