/* A user's text as a query of FTS5. */
#ifndef MINNOW_WORDS_H
#define MINNOW_WORDS_H

#include "minnow.h"

/* Each of the text's first 64 words quoted, joined by OR: nothing in a text is FTS5 syntax. *query:
 * malloc'ed, the caller frees it; NULL when the text has no words. False: out of memory. */
bool minnow_words_query(struct minnow_text text, char **query);

#endif
