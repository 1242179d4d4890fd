/* A WordPiece tokenizer as Hugging Face's programs read it. */
#ifndef MINNOW_TOKENIZER_WRITER_H
#define MINNOW_TOKENIZER_WRITER_H

#include "runtime/tokenizer/tokenizer.h"

/* Write tokenizer.json, vocab.txt, tokenizer_config.json and special_tokens_map.json into a folder that is there; each
 * appears whole or not at all. max_tokens: of a text, special tokens included ("model_max_length"). */
enum minnow_status minnow_tokenizer_write(const char *folder, const struct minnow_tokenizer *tokenizer,
                                          uint32_t max_tokens, struct minnow_error *error);

#endif
