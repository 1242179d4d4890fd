/* The words of a text: what stands between white space, without the ASCII punctuation at its ends. */
#ifndef MINNOW_WORD_LIST_H
#define MINNOW_WORD_LIST_H

#include "convert/distill/data/text_set.h"

struct minnow_word_span {
    size_t begin, end; /* bytes of the text */
    bool ends_sentence; /* '.', '!' or '?' follows, or the text ends */
};

/* Zero it to begin; one list serves many texts. */
struct minnow_word_list {
    struct minnow_word_span *items;
    size_t count, capacity;
};

enum minnow_status minnow_word_list_find(struct minnow_word_list *words, struct minnow_text text,
                                         struct minnow_error *error);
void minnow_word_list_free(struct minnow_word_list *words);

/* A text under construction: valid UTF-8, a single space for any white space or control characters. Zero it to
 * begin. */
struct minnow_plain_text {
    char *bytes;
    size_t size, capacity;
};
/* Adds a space where something is there already, then the text; nothing of an empty one. */
enum minnow_status minnow_plain_text_add(struct minnow_plain_text *plain, struct minnow_text text,
                                         struct minnow_error *error);
void minnow_plain_text_free(struct minnow_plain_text *plain);

enum { MINNOW_LONGEST_TERM = 64 };
/* A word as it is counted: in lower case. Returns its bytes in `term`; 0: too long to be one. */
size_t minnow_term_of(struct minnow_text word, char term[MINNOW_LONGEST_TERM]);

#endif
