/* The tokenizer of a checkpoint folder. */
#ifndef MINNOW_TOKENIZER_FILES_H
#define MINNOW_TOKENIZER_FILES_H

#include "convert/memory.h"
#include "runtime/tokenizer/tokenizer.h"

/* Read tokenizer.json, or else vocab.txt with tokenizer_config.json and special_tokens_map.json, into tables that lie
 * in `memory`, checked. What is neither WordPiece nor BERT's normalizer, pre-tokenizer and "[CLS] A [SEP]" is
 * MINNOW_UNSUPPORTED; truncation and padding entries are ignored. */
enum minnow_status minnow_tokenizer_read(const char *folder, struct minnow_memory *memory,
                                         struct minnow_tokenizer *tokenizer, struct minnow_error *error);

#endif
