/* What the tokenizer asks of Unicode, answered as Hugging Face's `tokenizers` answers it:
 * utf8proc's data, corrected by unicode_differences.c. Internal. */
#ifndef MINNOW_UNICODE_H
#define MINNOW_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum minnow_character_class {
    MINNOW_CHARACTER_PLAIN,       /* part of a word */
    MINNOW_CHARACTER_OTHER,       /* control, format, private use: clean_text removes it */
    MINNOW_CHARACTER_MARK,        /* nonspacing mark: strip_accents removes it */
    MINNOW_CHARACTER_PUNCTUATION, /* a word of its own */
};

enum minnow_character_class minnow_character_class(uint32_t code_point);
bool minnow_is_space(uint32_t code_point);          /* White_Space */
bool minnow_is_cjk(uint32_t code_point);            /* what handle_chinese_chars puts spaces around */
bool minnow_is_word_character(uint32_t code_point); /* \w of a regular expression */

/* Canonical combining class; 0 for a starter. */
unsigned minnow_combining_class(uint32_t code_point);

#define MINNOW_MAX_DECOMPOSED 8u
/* Full canonical decomposition; returns its length. */
size_t minnow_decompose(uint32_t code_point, uint32_t out[MINNOW_MAX_DECOMPOSED]);

/* Full lowercase, whatever stands around; returns 1 or 2. */
size_t minnow_lowercase(uint32_t code_point, uint32_t out[2]);

/* What tells a sigma at a word's end, whose lowercase is another: what it may follow, and what lies between. */
bool minnow_is_cased(uint32_t code_point);          /* apart from those that are also case-ignorable */
bool minnow_is_case_ignorable(uint32_t code_point);

/* ---- Where utf8proc and `tokenizers` know different versions of Unicode ------------------- */

struct minnow_unicode_range {
    uint32_t first, last;
    int32_t value;
};

struct minnow_unicode_ranges {
    const struct minnow_unicode_range *ranges; /* ascending, disjoint */
    size_t count;
};

extern const struct minnow_unicode_ranges minnow_class_differences;     /* value: minnow_character_class */
extern const struct minnow_unicode_ranges minnow_starter_differences;   /* class 0, no decomposition; value: 0 */
extern const struct minnow_unicode_ranges minnow_lowercase_differences; /* value: lowercase - code point */
extern const struct minnow_unicode_ranges minnow_word_differences;      /* value: is a word character */

/* The range that holds the code point, or NULL. */
const struct minnow_unicode_range *minnow_unicode_find(const struct minnow_unicode_ranges *ranges, uint32_t code_point);

#endif
