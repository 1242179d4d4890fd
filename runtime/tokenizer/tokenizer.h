/* Text to token ids: WordPiece with BERT's normalizer, equal to Hugging Face's `tokenizers`, and two tokenizers of
 * whole words.
 *
 * The struct is a view of tables that lie in the model file (or in the converter's memory); it
 * owns nothing and building it parses nothing. minnow_tokenizer_check must have passed before any
 * other function is called on tables that come from outside. */
#ifndef MINNOW_TOKENIZER_H
#define MINNOW_TOKENIZER_H

#include "runtime/error.h"

#define MINNOW_NO_TOKEN UINT32_MAX

enum minnow_tokenizer_option {
    MINNOW_TOKENIZER_CLEAN_TEXT = 1,
    MINNOW_TOKENIZER_SPACE_CJK = 2,     /* handle_chinese_chars */
    MINNOW_TOKENIZER_STRIP_ACCENTS = 4, /* resolved: strip_accents null means "as lowercase" */
    MINNOW_TOKENIZER_LOWERCASE = 8,
};

enum minnow_tokenizer_kind {
    MINNOW_TOKENIZER_WORDPIECE = 0,
    /* Words stand between white space, and are looked up as they are, then without ASCII punctuation at their ends,
     * then in lower case too; those unknown are dropped: sentence-transformers' WhitespaceTokenizer. */
    MINNOW_TOKENIZER_WHITESPACE = 1,
    /* What WordPiece would take apart, whole; punctuation marks are words of their own, those in numbers, abbreviations
     * and contractions too. */
    MINNOW_TOKENIZER_WORDS = 2,
};

/* Text that becomes one token before anything else looks at it ("[MASK]"). */
struct minnow_added_token {
    uint32_t id;          /* its text is the vocabulary's entry of this id */
    uint32_t single_word; /* 0 or 1, as in tokenizer.json */
    uint32_t left_strip;
    uint32_t right_strip;
};

struct minnow_tokenizer {
    enum minnow_tokenizer_kind kind;
    /* Token i is text[offsets[i] .. offsets[i + 1]), UTF-8, with its "##" where it has one. */
    const char *text;
    const uint32_t *offsets; /* [vocabulary + stop_words + 1] */
    uint32_t vocabulary;
    uint32_t stop_words; /* whitespace: so many texts behind the vocabulary's are no tokens: what reads so is dropped */
    uint32_t text_bytes;
    /* Open addressing over the hash of the token's bytes: id, or MINNOW_NO_TOKEN for empty; stop words count on from
     * the vocabulary. A power of two, at least one slot empty. */
    const uint32_t *slots;
    uint32_t slot_count;
    const struct minnow_added_token *added; /* ascending by the bytes of their text */
    uint32_t added_count;
    uint32_t options; /* of minnow_tokenizer_option */
    uint32_t unknown_id;
    uint32_t cls_id, sep_id;  /* put before and after; like the next two, MINNOW_NO_TOKEN where there is none */
    uint32_t pad_id, mask_id;
    uint32_t max_word_characters; /* longer words are unknown_id; 100; of no meaning to whitespace */
    const char *continuation; /* "##" */
};

/* Structure and meaning of every table: ranges, order, termination of every probe, UTF-8. */
enum minnow_status minnow_tokenizer_check(const struct minnow_tokenizer *tokenizer, struct minnow_error *error);

/* Texts of the vocabulary and stop words behind it. */
static inline uint32_t minnow_tokenizer_texts(const struct minnow_tokenizer *tokenizer) {
    return tokenizer->vocabulary + tokenizer->stop_words;
}

/* The hash that orders `slots`; the converter builds them with minnow_tokenizer_fill_slots. Of equal texts only one
 * gets a slot: a stop word, or else the first token. */
uint32_t minnow_tokenizer_slot_count(uint32_t texts);
void minnow_tokenizer_fill_slots(struct minnow_tokenizer *tokenizer, uint32_t *slots);

/* Id of a token's exact text, or MINNOW_NO_TOKEN; for a stop word, one from the vocabulary's end on. */
uint32_t minnow_tokenizer_find(const struct minnow_tokenizer *tokenizer, const char *bytes, size_t size);

/* Token ids of prefix + text (prefix may be empty; the two are tokenized as one string), without
 * cls and sep. Writes the first `capacity` ids; returns how many there are in all, but stops
 * counting once it exceeds `limit` (so truncated text costs no more than its used part: limit =
 * capacity; SIZE_MAX counts all). Allocates nothing, recursion-free, linear time. Invalid UTF-8
 * counts as U+FFFD, one for each maximal subpart, as Python's errors="replace". */
size_t minnow_tokenizer_encode(const struct minnow_tokenizer *tokenizer, struct minnow_text prefix,
                               struct minnow_text text, uint32_t *ids, size_t capacity, size_t limit);

#endif
