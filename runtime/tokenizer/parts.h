/* The tokenizer's parts, as they see each other:
 *   encode.c      walks the text: added tokens, ASCII, everything else
 *   whitespace.c  walks the text from white space to white space
 *   added.c       added tokens in the raw text
 *   normalizer.c  one character of BERT's normalizer, into the current word
 *   wordpiece.c   one word to token ids
 *   vocabulary.c  hash, slots, lookup */
#ifndef MINNOW_TOKENIZER_PARTS_H
#define MINNOW_TOKENIZER_PARTS_H

#include "runtime/tokenizer/tokenizer.h"
#include "runtime/tokenizer/utf8.h"

#include <stdbool.h>

#define MINNOW_MAX_WORD_CHARACTERS 256u /* most that max_word_characters may be; scratch is on the stack */
#define MINNOW_MAX_ADDED_BYTES 256u     /* longest added token */
#define MINNOW_MAX_CONTINUATION 32u
#define MINNOW_MAX_VOCABULARY (1u << 24)

/* ---- vocabulary.c ------------------------------------------------------------------------- */

#define MINNOW_HASH_START 2166136261u

/* FNV-1a, one byte; a hash of a prefix is thus a step on the way to the whole's. */
static inline uint32_t minnow_hash_byte(uint32_t hash, char byte) { return (hash ^ (uint8_t)byte) * 16777619u; }
uint32_t minnow_hash_bytes(uint32_t hash, const char *bytes, size_t size);

struct minnow_token_text {
    const char *bytes;
    size_t size;
};
static inline struct minnow_token_text minnow_token_text(const struct minnow_tokenizer *tokenizer, uint32_t id) {
    uint32_t begin = tokenizer->offsets[id];
    return (struct minnow_token_text){tokenizer->text + begin, tokenizer->offsets[id + 1] - begin};
}

/* Where the search for a text that hashes to `hash` begins; it goes on from slot to slot. */
uint32_t minnow_vocabulary_first_slot(const struct minnow_tokenizer *tokenizer, uint32_t hash);
/* The slot of the token that reads prefix + bytes, which hash to `hash`; an empty slot where there is none. */
uint32_t minnow_vocabulary_slot(const struct minnow_tokenizer *tokenizer, uint32_t hash,
                                struct minnow_token_text prefix, const char *bytes, size_t size);
/* Is this slot, which is taken, the one where a lookup of its token's text ends? */
bool minnow_vocabulary_reaches(const struct minnow_tokenizer *tokenizer, uint32_t slot);

/* ---- encode.c ----------------------------------------------------------------------------- */

/* The word that is being gathered, normalized. A word of more than max_word_characters is the
 * unknown token whatever it holds, so none of it is kept past that. */
struct minnow_word {
    uint32_t length;     /* bytes */
    uint32_t characters; /* may exceed the limit by one, which marks the word as too long */
    uint32_t settled;    /* canonical ordering moves no character to before this byte */
    char bytes[MINNOW_MAX_WORD_CHARACTERS * 4];
};

/* prefix + text, read as one string. */
struct minnow_source {
    const uint8_t *prefix, *text;
    size_t prefix_size, size; /* size of both together */
};

struct minnow_encoder {
    const struct minnow_tokenizer *tokenizer;
    struct minnow_token_text continuation;
    uint32_t continuation_hash;
    uint32_t *ids;
    size_t capacity, limit, count;
    bool full; /* count exceeds limit: nothing more is wanted */
    struct minnow_source source;
    struct minnow_word word;
};

void minnow_encoder_emit(struct minnow_encoder *encoder, uint32_t id);
uint8_t minnow_source_byte(const struct minnow_source *source, size_t position);
uint32_t minnow_source_decode(const struct minnow_source *source, size_t position, size_t *used);
/* The character that ends right before `position`, which is not 0. */
uint32_t minnow_source_decode_before(const struct minnow_source *source, size_t position, size_t *used);

/* ---- whitespace.c ------------------------------------------------------------------------- */

void minnow_whitespace_walk(struct minnow_encoder *encoder);

/* ---- added.c ------------------------------------------------------------------------------ */

/* The longest added token that the source reads at `position`, or NULL. */
const struct minnow_added_token *minnow_added_match(const struct minnow_encoder *encoder, size_t position,
                                                    size_t *size);
/* Whether the match stands as a token: a single_word one must not touch a word character. */
bool minnow_added_stands(const struct minnow_encoder *encoder, const struct minnow_added_token *added, size_t position,
                         size_t size);

/* ---- normalizer.c ------------------------------------------------------------------------- */

/* Normalize one character past ASCII and append it to the current word, or end that. */
void minnow_normalize_character(struct minnow_encoder *encoder, uint32_t code_point);

/* ---- wordpiece.c -------------------------------------------------------------------------- */

/* Emit the current word's tokens, if it is not empty, and begin a new word. */
void minnow_word_end(struct minnow_encoder *encoder);

#endif
