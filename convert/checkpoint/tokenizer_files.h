/* The tokenizer of a checkpoint folder. */
#ifndef MINNOW_TOKENIZER_FILES_H
#define MINNOW_TOKENIZER_FILES_H

#include "convert/memory.h"
#include "runtime/tokenizer/tokenizer.h"

/* Read tokenizer.json, or else vocab.txt with tokenizer_config.json and special_tokens_map.json, into tables that lie
 * in `memory`, checked. What is neither WordPiece nor BERT's normalizer, pre-tokenizer and "[CLS] A [SEP]" is
 * MINNOW_UNSUPPORTED; truncation and padding entries are ignored. Without a post-processor there are no cls_id and
 * sep_id. */
enum minnow_status minnow_tokenizer_read(const char *folder, struct minnow_memory *memory,
                                         struct minnow_tokenizer *tokenizer, struct minnow_error *error);

/* Whether both give the same ids for every text. */
bool minnow_tokenizers_equal(const struct minnow_tokenizer *a, const struct minnow_tokenizer *b);

/* Read whitespacetokenizer_config.json of a folder, as sentence-transformers writes it: words, stop words, case. */
enum minnow_status minnow_tokenizer_read_whitespace(const char *folder, struct minnow_memory *memory,
                                                    struct minnow_tokenizer *tokenizer, struct minnow_error *error);
/* Read tokens.txt of a folder, AllenNLP's vocabulary: a word a line, ids from 1 on (0 pads), of which
 * "@@UNKNOWN@@" stands for those that are not there. */
enum minnow_status minnow_tokenizer_read_allennlp(const char *folder, struct minnow_memory *memory,
                                                  struct minnow_tokenizer *tokenizer, struct minnow_error *error);

#endif
