/* What Minnow's writer keeps beside a checkpoint: minnow_checkpoint.json, which marks the folder as its own, and says
 * what the command line would have to say where the layout's own files have no place for it. */
#ifndef MINNOW_KEPT_OPTIONS_H
#define MINNOW_KEPT_OPTIONS_H

#include "convert/checkpoint/checkpoint.h"

#define MINNOW_KEPT_OPTIONS_FILE "minnow_checkpoint.json"

/* Fill those of query_prompt, document_prompt, query_length, document_length, join_layer and mask_tokens that the
 * caller left out. Lengths of roles are left out where the caller gives max_tokens. The file may be missing. */
enum minnow_status minnow_kept_options_read(const char *folder, struct minnow_memory *memory,
                                            struct minnow_checkpoint_options *options, struct minnow_error *error);

#endif
