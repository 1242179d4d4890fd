/* Tokens to a tokenizer with the settings of another one. */
#ifndef MINNOW_VOCABULARY_ASSEMBLE_H
#define MINNOW_VOCABULARY_ASSEMBLE_H

#include "convert/memory.h"
#include "runtime/tokenizer/tokenizer.h"

struct minnow_new_tokens {
    const struct minnow_text *texts; /* [count], borrowed during the call */
    uint32_t count;
    const uint32_t *new_ids; /* by id in `settings`, read for its special and added tokens alone */
};

/* *tokenizer: tables in `memory`, checked. Special and added tokens of `settings` keep their meaning. */
enum minnow_status minnow_vocabulary_assemble(const struct minnow_tokenizer *settings,
                                              const struct minnow_new_tokens *tokens, struct minnow_memory *memory,
                                              struct minnow_tokenizer *tokenizer, struct minnow_error *error);

#endif
