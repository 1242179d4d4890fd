/* Tokenizers of whole words, in the files that their readers know (tokenizer_files.h). */
#ifndef MINNOW_TOKENIZER_WORDS_WRITER_H
#define MINNOW_TOKENIZER_WORDS_WRITER_H

#include "runtime/tokenizer/tokenizer.h"

/* Into a folder that is there: whitespacetokenizer_config.json of sentence-transformers, or AllenNLP's tokens.txt,
 * which leaves out row 0, the padding's. */
enum minnow_status minnow_tokenizer_write_words(const char *folder, const struct minnow_tokenizer *tokenizer,
                                                struct minnow_error *error);

#endif
