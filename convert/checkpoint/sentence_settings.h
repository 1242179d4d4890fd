/* What sentence-transformers writes beside the weights: prompts, similarity, limits. */
#ifndef MINNOW_SENTENCE_SETTINGS_H
#define MINNOW_SENTENCE_SETTINGS_H

#include "convert/memory.h"
#include "runtime/error.h"

struct minnow_sentence_settings {
    const char *prompts[2]; /* by role; "" for none */
    enum minnow_similarity similarity;
    uint32_t truncate_dimensions; /* 0: vectors are not cut */
    uint32_t max_tokens;          /* 0: the folder is silent */
    bool lowercase;               /* whatever the tokenizer says */
};

/* Read config_sentence_transformers.json (prompts, default_prompt_name, similarity_fn_name, truncate_dim)
 * of the folder, and of the transformer's subfolder sentence_bert_config.json, by any of its names, and
 * tokenizer_config.json (model_max_length). All may be missing. */
enum minnow_status minnow_sentence_settings_read(const char *folder, const char *subfolder,
                                                 struct minnow_memory *memory,
                                                 struct minnow_sentence_settings *settings, struct minnow_error *error);

/* "cosine" or "dot". */
enum minnow_status minnow_similarity_parse(const char *name, enum minnow_similarity *similarity,
                                           struct minnow_error *error);
/* Vectors of `width` are not to be cut. */
enum minnow_status minnow_truncation_check(const struct minnow_sentence_settings *settings, uint32_t width,
                                           struct minnow_error *error);
/* tokenizer_config.json's model_max_length; *max_tokens stays where there is none. */
enum minnow_status minnow_tokenizer_limit_read(const char *folder, const char *subfolder, struct minnow_memory *memory,
                                               uint32_t *max_tokens, struct minnow_error *error);

#endif
