/* config_sentence_transformers.json. */
#ifndef MINNOW_PROMPTS_H
#define MINNOW_PROMPTS_H

#include "convert/checkpoint/sentence_settings.h"

/* Fill prompts, similarity and truncate_dimensions; "", cosine and 0 where the file says nothing. */
enum minnow_status minnow_prompts_read(const char *folder, struct minnow_memory *memory,
                                       struct minnow_sentence_settings *settings, struct minnow_error *error);

#endif
