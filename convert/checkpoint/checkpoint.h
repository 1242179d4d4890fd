/* A checkpoint folder (Hugging Face / sentence-transformers layout) as runnable f32 contents. */
#ifndef MINNOW_CHECKPOINT_H
#define MINNOW_CHECKPOINT_H

#include "convert/memory.h"
#include "runtime/model/model.h"

/* What the command line may say where a folder is silent or wrong. */
struct minnow_checkpoint_options {
    const char *query_prompt, *document_prompt; /* NULL: as the folder says */
    const char *pooling;                        /* "cls", "mean", "max"; NULL: as the folder says */
    const char *similarity;                     /* "cosine", "dot"; NULL: as the folder says */
    uint32_t max_tokens;                        /* 0: as the folder says */
    uint32_t query_length, document_length;     /* of a role alone, [CLS] and [SEP] included, [MASK] not; 0: as above */
    const char *base;                           /* folder with what this one leaves out; NULL: its subfolder "base" */
    const char *mask_tokens;                    /* "before-sep", "after-sep": where [MASK] tokens of a query stand */
    const char *route;                          /* "query", "document": of a pair that one alone; NULL: both */
    uint32_t join_layer;                        /* blocks that query and document pass apart; 0: 3 */
    bool whole_positions;                       /* tables of positions keep what no text reaches: written again, the
                                                   checkpoint has the space that it had */
};

struct minnow_checkpoint {
    struct minnow_memory *memory;
    struct minnow_contents contents; /* every pointer lives in `memory` */
};

/* Read `folder` in any of the layouts of layouts.c: config.json, the weights (safetensors or pytorch_model.bin, sharded
 * too), modules.json and its folders, tokenizer.json or vocab.txt, and what else a layout has. Anything unknown is
 * MINNOW_BAD_CHECKPOINT or MINNOW_UNSUPPORTED, naming file, key, found and expected; an option that the layout has no
 * use for is MINNOW_INVALID_ARGUMENT. Fills everything of contents but golden, converter and quantization.
 * Free with minnow_checkpoint_close. */
enum minnow_status minnow_checkpoint_open(const char *folder, const struct minnow_checkpoint_options *options,
                                          struct minnow_checkpoint **checkpoint, struct minnow_error *error);
void minnow_checkpoint_close(struct minnow_checkpoint *checkpoint);

#endif
